//! The units of 関守市（架空）.

/// Where a unit stands in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// The municipality, or a joint body beside it.
    Body,
    /// 部等
    Bureau,
    /// 課等
    Section,
}

/// A unit of the made-up city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    /// Code, stable from run to run.
    pub(crate) code: &'static str,
    /// Code of the unit above.
    pub(crate) parent: Option<&'static str>,
    /// Name.
    pub(crate) name: &'static str,
    /// Its level.
    pub(crate) level: Level,
    /// Body of the pack that it belongs to.
    pub(crate) body: &'static str,
    /// Regular staff of a city of 650; 0 where people are listed under the units below.
    pub(crate) staff: usize,
    /// 会計年度任用職員 of a city of 380.
    pub(crate) part_time: usize,
}

type Row = (&'static str, &'static str, usize, usize);

/// A bureau with its sections.
struct Bureau {
    code: &'static str,
    name: &'static str,
    body: &'static str,
    sections: &'static [Row],
}

const BUREAUS: &[Bureau] = &[
    Bureau {
        code: "010",
        name: "総務部",
        body: "mayor",
        sections: &[
            ("0101", "総務課", 14, 4),
            ("0102", "人事課", 10, 3),
            ("0103", "財政課", 9, 1),
            ("0104", "管財契約課", 12, 4),
            ("0105", "情報政策課", 8, 2),
        ],
    },
    Bureau {
        code: "020",
        name: "政策推進部",
        body: "mayor",
        sections: &[("0201", "企画政策課", 11, 2), ("0202", "広報広聴課", 8, 3), ("0203", "危機管理課", 9, 1)],
    },
    Bureau {
        code: "030",
        name: "市民部",
        body: "mayor",
        sections: &[
            ("0301", "市民課", 22, 24),
            ("0302", "課税課", 27, 8),
            ("0303", "納税課", 13, 6),
            ("0304", "保険年金課", 19, 9),
            ("0305", "北支所", 5, 6),
            ("0306", "南支所", 5, 5),
        ],
    },
    Bureau {
        code: "040",
        name: "福祉部",
        body: "mayor",
        sections: &[
            ("0401", "社会福祉課", 30, 8),
            ("0402", "高齢者支援課", 13, 7),
            ("0403", "障がい者支援課", 11, 5),
            ("0404", "介護保険課", 12, 7),
        ],
    },
    Bureau {
        code: "050",
        name: "こども未来部",
        body: "mayor",
        sections: &[
            ("0501", "子育て支援課", 15, 10),
            ("0502", "保育課", 11, 6),
            ("0503", "さくら保育所", 20, 30),
            ("0504", "みなと保育所", 16, 29),
        ],
    },
    Bureau {
        code: "060",
        name: "健康環境部",
        body: "mayor",
        sections: &[("0601", "健康推進課", 22, 9), ("0602", "環境政策課", 11, 3), ("0603", "クリーンセンター", 12, 14)],
    },
    Bureau {
        code: "070",
        name: "産業観光部",
        body: "mayor",
        sections: &[("0701", "商工観光課", 10, 3), ("0702", "農林水産課", 12, 2)],
    },
    Bureau {
        code: "080",
        name: "都市建設部",
        body: "mayor",
        sections: &[
            ("0801", "都市計画課", 13, 2),
            ("0802", "土木課", 20, 4),
            ("0803", "建築住宅課", 13, 3),
            ("0804", "下水道課", 14, 2),
        ],
    },
    Bureau { code: "090", name: "会計室", body: "accounting", sections: &[("0901", "会計課", 7, 2)] },
    Bureau {
        code: "110",
        name: "教育部（教育委員会）",
        body: "education_board",
        sections: &[
            ("1101", "教育総務課", 10, 3),
            ("1102", "学校教育課", 13, 90),
            ("1103", "生涯学習課", 10, 12),
            ("1104", "中央図書館", 8, 29),
            ("1105", "学校給食センター", 5, 18),
        ],
    },
    Bureau {
        code: "120",
        name: "選挙管理委員会事務局",
        body: "election_commission",
        sections: &[("1201", "選挙係", 3, 1)],
    },
    Bureau {
        code: "130", name: "監査委員事務局", body: "audit_commissioners", sections: &[("1301", "監査係", 4, 0)]
    },
    Bureau {
        code: "140",
        name: "農業委員会事務局",
        body: "agriculture_committee",
        sections: &[("1401", "農地係", 4, 1)],
    },
    Bureau {
        code: "150", name: "公平委員会事務局", body: "equity_commission", sections: &[("1501", "公平係", 1, 0)]
    },
    Bureau {
        code: "160",
        name: "固定資産評価審査委員会事務局",
        body: "property_assessment",
        sections: &[("1601", "審査係", 1, 0)],
    },
    Bureau { code: "170", name: "議会事務局", body: "assembly", sections: &[("1701", "議事課", 7, 1)] },
    Bureau {
        code: "180",
        name: "消防本部",
        body: "fire",
        sections: &[("1801", "消防総務課", 9, 1), ("1802", "予防課", 10, 0), ("1803", "中央消防署", 108, 0)],
    },
];

/// All units, each after the one above it.
pub(crate) fn all() -> Vec<Unit> {
    let body = |code, name, body| Unit { code, parent: None, name, level: Level::Body, body, staff: 0, part_time: 0 };
    let mut units = vec![body("000", "関守市", "mayor")];
    for bureau in BUREAUS {
        units.push(Unit {
            code: bureau.code,
            parent: Some("000"),
            name: bureau.name,
            level: Level::Bureau,
            body: bureau.body,
            staff: 1,
            part_time: 0,
        });
        units.extend(bureau.sections.iter().map(|&(code, name, staff, part_time)| Unit {
            code,
            parent: Some(bureau.code),
            name,
            level: Level::Section,
            body: bureau.body,
            staff,
            part_time,
        }));
    }
    units.push(body("900", "関守広域水道企業団", "water_authority"));
    units.push(Unit {
        code: "9001",
        parent: Some("900"),
        name: "企業団総務課",
        level: Level::Section,
        body: "water_authority",
        staff: 6,
        part_time: 0,
    });
    units
}

/// Whether a unit belongs to the joint body, which has its own officers and lists.
pub(crate) fn is_joint(code: &str) -> bool {
    all().iter().any(|unit| unit.code == code && unit.body == "water_authority")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_every_parent_comes_first() {
        let units = all();
        for (index, unit) in units.iter().enumerate() {
            assert!(units[..index].iter().all(|other| other.code != unit.code), "{}", unit.code);
            if let Some(parent) = unit.parent {
                assert!(units[..index].iter().any(|other| other.code == parent), "{} before {parent}", unit.code);
            }
        }
    }

    #[test]
    fn the_city_has_the_size_of_a_city_of_65_000() {
        let staff: usize = all().iter().map(|unit| unit.staff).sum();
        let part_time: usize = all().iter().map(|unit| unit.part_time).sum();
        assert_eq!((staff, part_time), (650, 380), "regular staff and 会計年度任用職員");
        let sections = all().iter().filter(|unit| unit.level == Level::Section).count();
        assert!((40..=60).contains(&sections), "{sections} sections");
    }
}
