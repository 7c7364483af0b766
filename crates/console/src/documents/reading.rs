//! Who may read a text of the policy, and what stands in the place of a text that he may not.

use pack::Pack;
use pack::model::{Audience, Clause, Document};

use crate::page::lang::Lang;

/// What decides which texts a person reads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reader {
    /// Roles of today, implied ones too.
    pub(crate) roles: Vec<String>,
    /// Belongs to an outside company.
    pub(crate) outside: bool,
}

/// Whether a reader is in an audience.
pub(crate) fn may_read(audience: &Audience, reader: &Reader) -> bool {
    match audience {
        Audience::Public | Audience::Contractor => true,
        Audience::Staff => !reader.outside,
        Audience::Restricted(roles) => roles.iter().any(|role| reader.roles.contains(role)),
    }
}

/// The reason in the place of closed text.
pub(crate) fn closed_note(clause: &Clause, document: &Document, lang: Lang) -> String {
    let because = clause.closed_because.as_ref().or(document.closed_because.as_ref());
    match because {
        Some(text) => lang.of(text).to_owned(),
        None => lang
            .t(
                "この部分は、関係する役割の人だけが読めます。",
                "Only holders of the roles concerned may read this part.",
            )
            .to_owned(),
    }
}

/// To whom something is open, in words.
pub(crate) fn audience_name(audience: &Audience, pack: &Pack, lang: Lang) -> String {
    match audience {
        Audience::Public => lang.t("公開", "Public").to_owned(),
        Audience::Staff => lang.t("職員等", "Staff").to_owned(),
        Audience::Contractor => lang.t("職員等・外部委託事業者", "Staff and contractors").to_owned(),
        Audience::Restricted(roles) => {
            let names: Vec<&str> =
                roles.iter().filter_map(|id| pack.role(id)).map(|role| lang.of(&role.name)).collect();
            names.join(lang.t("、", ", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_audience_has_its_readers() {
        let staff = Reader { roles: vec!["staff".into()], outside: false };
        let csirt = Reader { roles: vec!["staff".into(), "csirt".into()], outside: false };
        let vendor = Reader { roles: vec!["contractor".into()], outside: true };
        let restricted = Audience::Restricted(vec!["csirt".into()]);
        for (audience, who, may) in [
            (&Audience::Public, &vendor, true),
            (&Audience::Contractor, &vendor, true),
            (&Audience::Staff, &vendor, false),
            (&Audience::Staff, &staff, true),
            (&restricted, &staff, false),
            (&restricted, &csirt, true),
        ] {
            assert_eq!(may_read(audience, who), may, "{audience:?} {who:?}");
        }
    }
}
