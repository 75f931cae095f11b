export const reference = {
  reference: {
    title: '接口文档',
    lead: '本服务器 HTTP 接口的全部操作，说明为英文。',
    document: 'OpenAPI 文档',
    search: '查找操作',
    placeholder: '英文说明、路径或方法',
    found: '{found} 项操作，共 {all} 项',
    trying: '已登录：{name}。读取类操作（GET）可以试用；返回的是真实数据，查看人员信息会记入审计轨迹。会改动数据的操作，以及须由合作单位的系统签名的请求，不能在这里试用。',
    nobody: '尚未登录，不能试用操作。',
    signIn: '登录工作台',
  },
}
