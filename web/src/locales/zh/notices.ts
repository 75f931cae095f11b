export const notices = {
  notices: {
    title: '需要您处理',
    label: '通知：没有需要处理的 | 通知：{count} 项需要处理 | 通知：{count} 项需要处理',
    none: '现在没有需要您处理的。',
    failed: '没有取得最新的通知（{code}）。',
    first: { change_password: '请换成您自己的密码', second_factor: '请设置两步验证' },
    waiting: '{count} 项逾期的待办无人接手',
    waitingMore: '{count} 项以上逾期的待办无人接手',
    rest: '还有 {count} 项',
  },
}
