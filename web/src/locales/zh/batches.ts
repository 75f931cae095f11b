export const batches = {
  batches: {
    title: '发放批次',
    lead: '每个批次由两人审批；审批绑定内容摘要。',
    none: '还没有发放批次',
    noneDetail: '运行主流程后会编好一个批次，等待审批。',
    items: '笔数',
    life: '批次进度',
    approvals: '审批 {count} / {needed}',
    noApproval: '尚未审批',
    sentAt: '送出时间',
    receipts: '回执',
    hash: '内容摘要',
    toLists: '查看该期实发清单',
  },
}
