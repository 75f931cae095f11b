export const organisations = {
  organisations: {
    title: '机构',
    lead: '按行政区划排列；机构的区划决定其账号能看到的范围。',
    none: '还没有机构',
    choose: '输入名称或区划代码查找',
    id: '机构编号',
    nameZh: '中文名称',
    nameEn: '英文名称（可不填）',
    level: '级别',
    kind: '类别',
    parent: '上级机构',
    create: {
      title: '新建机构',
      submit: '建立',
      idHint: '小写字母、数字、点、连字符和下划线；建立后不能改。',
      divisionHint: '行政区划代码，例如 440104；级别由代码决定。',
      done: '机构已建立',
    },
  },
}
