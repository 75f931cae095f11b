//! Names of employers, businesses, schools and things.

use crate::draw::{Hashed, Random};

const FIRST: [&str; 24] = [
    "广", "穗", "粤", "华", "恒", "新", "南", "盛", "宏", "嘉", "天", "金", "永", "信", "达", "康",
    "美", "越", "珠", "荔", "白云", "岭南", "羊城", "湾区",
];
const SECOND: [&str; 20] = [
    "达", "盛", "源", "丰", "泰", "安", "诚", "联", "创", "科", "通", "宇", "海", "兴", "福", "润",
    "辉", "益", "腾", "友",
];
const TRADE: [&str; 18] = [
    "贸易",
    "科技",
    "餐饮管理",
    "物业管理",
    "服装",
    "电子商务",
    "建筑工程",
    "物流",
    "广告",
    "教育咨询",
    "汽车配件",
    "家政服务",
    "五金制品",
    "化妆品",
    "食品",
    "皮具",
    "信息技术",
    "劳务派遣",
];
const MODELS: [&str; 12] = [
    "传祺GS4",
    "比亚迪秦",
    "本田雅阁",
    "丰田凯美瑞",
    "日产轩逸",
    "小鹏P7",
    "特斯拉Model 3",
    "哈弗H6",
    "五菱宏光",
    "大众朗逸",
    "丰田卡罗拉",
    "埃安S",
];

/// The name of an employer.
pub(super) fn employer(index: u32) -> String {
    let mut draw = Hashed::new(&[0x656d_706c, index.into()]);
    let mut pick = |items: &[&'static str]| draw.pick(items).copied().unwrap_or_default();
    let name = [pick(&FIRST), pick(&SECOND), pick(&TRADE)].concat();
    format!("广州市{name}有限公司")
}

/// The name of an owner's business: `index` is the business's.
pub(super) fn business(index: u32, is_company: bool) -> String {
    let mut draw = Hashed::new(&[0x6275_7369, index.into()]);
    let mut pick = |items: &[&'static str]| draw.pick(items).copied().unwrap_or_default();
    let name = [pick(&FIRST), pick(&SECOND), pick(&TRADE)].concat();
    if is_company { format!("广州{name}有限公司") } else { format!("{name}店") }
}

/// The name of a school of a district, by stage.
pub(super) fn school(district: &str, stage: u8, draw: &mut Hashed) -> String {
    let number = draw.below(24) + 1;
    let kind = match stage {
        1 => return format!("{district}第{number}幼儿园"),
        2 => "小学",
        3 => "初级中学",
        4 => "高级中学",
        _ => return format!("广州第{number}职业技术学院"),
    };
    format!("{district}第{number}{kind}")
}

/// The model of a vehicle.
pub(super) fn model(draw: &mut Hashed) -> &'static str {
    draw.pick(&MODELS).copied().unwrap_or_default()
}
