/** What a state means for people: well, wrong, to be asked, neutral, or nothing to say. */
export type Tone = 'ok' | 'bad' | 'ask' | 'plain' | 'muted'
