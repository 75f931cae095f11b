export const lists = {
  lists: {
    title: '三单',
    lead: '在册、应发、实发逐项勾稽。',
    choice: '哪一张清单',
    registered: '在册',
    due: '应发',
    paid: '实发',
    differences: '差异',
    none: '这张清单是空的',
    noneFiltered: '没有符合筛选的项目',
    summary: {
      title: '勾稽',
      closes: '差异已全部说明',
      open: '有差异未说明',
      noDifference: '没有差异',
      offered: '符合条件但不在册',
    },
  },
}
