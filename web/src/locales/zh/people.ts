export const people = {
  people: {
    title: '人员',
    lead: '按姓名、拼音、拼音首字母或完整身份号码查找。',
    search: '查找',
    placeholder: '姓名、拼音、首字母或身份号码',
    results: '查询结果',
    noneTitle: '没有找到符合的人',
    noneDetail: '可以只输入姓氏或拼音；身份号码需输入完整的 18 位。',
  },
}
