export const quarantine = {
  quarantine: {
    title: '隔离区',
    lead: '读不懂或不合规的行都在这里，附原因和原文；没有一行被悄悄丢弃。',
    place: '位置',
    reasons: '原因',
    reason: '原因',
    columns: '涉及列',
    separator: '、',
    original: '原文（已脱敏）',
    line: '第 {line} 行',
    none: '本期没有隔离行',
    noneDetail: '送来的每一行都通过了检查。',
    noneFiltered: '没有符合筛选的行',
  },
}
