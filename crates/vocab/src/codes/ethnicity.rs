//! Ethnic groups (民族).

super::code_list! {
    /// A person's ethnic group.
    ///
    /// The codes 97 and 98 aren't in the standard; registers use them for groups not yet identified and for naturalised
    /// foreigners.
    ///
    /// # Source
    ///
    /// GB/T 3304-1991.
    Ethnicity, "a code of GB/T 3304 (01 to 56, 97 or 98)":
    Han = 1, "01", "汉族" | "汉", "Han";
    Mongol = 2, "02", "蒙古族" | "蒙古", "Mongol";
    Hui = 3, "03", "回族" | "回", "Hui";
    Tibetan = 4, "04", "藏族" | "藏", "Tibetan";
    Uyghur = 5, "05", "维吾尔族" | "维吾尔", "Uyghur";
    Miao = 6, "06", "苗族" | "苗", "Miao";
    Yi = 7, "07", "彝族" | "彝", "Yi";
    Zhuang = 8, "08", "壮族" | "壮", "Zhuang";
    Bouyei = 9, "09", "布依族" | "布依", "Bouyei";
    Korean = 10, "10", "朝鲜族" | "朝鲜", "Korean";
    Manchu = 11, "11", "满族" | "满", "Manchu";
    Dong = 12, "12", "侗族" | "侗", "Dong";
    Yao = 13, "13", "瑶族" | "瑶", "Yao";
    Bai = 14, "14", "白族" | "白", "Bai";
    Tujia = 15, "15", "土家族" | "土家", "Tujia";
    Hani = 16, "16", "哈尼族" | "哈尼", "Hani";
    Kazakh = 17, "17", "哈萨克族" | "哈萨克", "Kazakh";
    Dai = 18, "18", "傣族" | "傣", "Dai";
    Li = 19, "19", "黎族" | "黎", "Li";
    Lisu = 20, "20", "傈僳族" | "傈僳", "Lisu";
    Va = 21, "21", "佤族" | "佤", "Va";
    She = 22, "22", "畲族" | "畲", "She";
    Gaoshan = 23, "23", "高山族" | "高山", "Gaoshan";
    Lahu = 24, "24", "拉祜族" | "拉祜", "Lahu";
    Sui = 25, "25", "水族" | "水", "Sui";
    Dongxiang = 26, "26", "东乡族" | "东乡", "Dongxiang";
    Naxi = 27, "27", "纳西族" | "纳西", "Naxi";
    Jingpo = 28, "28", "景颇族" | "景颇", "Jingpo";
    Kirgiz = 29, "29", "柯尔克孜族" | "柯尔克孜", "Kirgiz";
    Tu = 30, "30", "土族" | "土", "Tu";
    Daur = 31, "31", "达斡尔族" | "达斡尔", "Daur";
    Mulao = 32, "32", "仫佬族" | "仫佬", "Mulao";
    Qiang = 33, "33", "羌族" | "羌", "Qiang";
    Blang = 34, "34", "布朗族" | "布朗", "Blang";
    Salar = 35, "35", "撒拉族" | "撒拉", "Salar";
    Maonan = 36, "36", "毛南族" | "毛南" | "毛难族" | "毛难", "Maonan";
    Gelao = 37, "37", "仡佬族" | "仡佬", "Gelao";
    Xibe = 38, "38", "锡伯族" | "锡伯", "Xibe";
    Achang = 39, "39", "阿昌族" | "阿昌", "Achang";
    Pumi = 40, "40", "普米族" | "普米", "Pumi";
    Tajik = 41, "41", "塔吉克族" | "塔吉克", "Tajik";
    Nu = 42, "42", "怒族" | "怒", "Nu";
    Uzbek = 43, "43", "乌孜别克族" | "乌孜别克", "Uzbek";
    Russian = 44, "44", "俄罗斯族" | "俄罗斯", "Russian";
    Ewenki = 45, "45", "鄂温克族" | "鄂温克", "Ewenki";
    Deang = 46, "46", "德昂族" | "德昂" | "崩龙族" | "崩龙", "De'ang";
    Bonan = 47, "47", "保安族" | "保安", "Bonan";
    Yugur = 48, "48", "裕固族" | "裕固", "Yugur";
    Gin = 49, "49", "京族" | "京", "Gin";
    Tatar = 50, "50", "塔塔尔族" | "塔塔尔", "Tatar";
    Derung = 51, "51", "独龙族" | "独龙", "Derung";
    Oroqen = 52, "52", "鄂伦春族" | "鄂伦春", "Oroqen";
    Hezhen = 53, "53", "赫哲族" | "赫哲", "Hezhen";
    Monba = 54, "54", "门巴族" | "门巴", "Monba";
    Lhoba = 55, "55", "珞巴族" | "珞巴", "Lhoba";
    Jino = 56, "56", "基诺族" | "基诺", "Jino";
    Other = 97, "97", "其他" | "其它", "other";
    ForeignOrigin = 98, "98", "外国血统中国籍人士" | "外国血统", "Chinese citizen of foreign origin";
}
