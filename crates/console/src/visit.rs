//! The one extractor: it gives a handler who asks, in which language, under which policy and when, and from it the
//! transaction to work in.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Query as UrlQuery};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use ledger::people::{Standing, persons, units};
use ledger::permission::Office;
use ledger::records::{self, Record};
use ledger::{Actor, Day, Id, Operation, Reading};
use pack::Pack;
use pack::model::{Register, Role, RoleLevel};

use crate::State;
use crate::documents::Reader;
use crate::page::fault::Fault;
use crate::page::flash::Flash;
use crate::page::lang::Lang;
use crate::page::link::{self, Query};
use crate::page::{Page, Who, assets, cookies, date, menu, posted};
use crate::signin::{self, Stage};
use crate::state::Numbers;

/// What every request says, signed in or not.
pub(crate) struct Visit {
    pub(crate) state: State,
    pub(crate) lang: Lang,
    /// The address with its query.
    pub(crate) here: String,
    pub(crate) query: Query,
    /// From where, as far as it is known.
    pub(crate) address: Option<IpAddr>,
    flash: Option<Flash>,
    session: Option<String>,
    visitor: Option<String>,
    /// A visitor's secret made for this answer.
    fresh: Option<String>,
}

impl Visit {
    fn read(parts: &Parts, state: &State) -> Self {
        let cookie = |name: &str| cookies::read(&parts.headers, name).filter(|value| !value.is_empty());
        let query = parts.uri.query().unwrap_or_default();
        let (session, visitor) = (cookie(state.session_cookie()), cookie(state.visitor_cookie()));
        let fresh = if session.is_none() && visitor.is_none() { state.random_name() } else { None };
        Self {
            state: state.clone(),
            lang: cookie("lang").and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default(),
            here: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            query: Query(form_urlencoded::parse(query.as_bytes()).into_owned().take(200).collect()),
            address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()),
            flash: Flash::waiting(&parts.headers),
            session,
            visitor,
            fresh,
        }
    }

    /// The secret of the session, as the cookie has it.
    pub(crate) fn session_name(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Gives a visitor without one the secret that the proof in the form is derived from.
    pub(crate) fn with_secret(&self, mut response: Response) -> Result<Response, Fault> {
        if let Some(fresh) = &self.fresh {
            let cookie = cookies::write(self.state.visitor_cookie(), fresh, None, self.state.settings().secure);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// The frame of a page for someone who is not signed in.
    pub(crate) fn plain_page(&self, title: &str) -> Page {
        self.frame(&self.state.pack(), title)
    }

    fn frame(&self, pack: &Pack, title: &str) -> Page {
        let lang = self.lang;
        let city = &pack.municipality;
        let secret = self.session.as_deref().or(self.visitor.as_deref()).or(self.fresh.as_deref());
        let today = self.state.now().day();
        Page {
            lang,
            title: title.to_owned(),
            city: lang.of(&city.name).to_owned(),
            notice: city.notice.as_ref().map(|text| lang.of(text).to_owned()),
            contact: city.contact.clone(),
            desk: crate::kinds::desk(pack),
            who: None,
            menu: Vec::new(),
            journal: false,
            evidence: false,
            absences: false,
            settings: false,
            still: None,
            awaited: None,
            flash: self.flash.clone(),
            proof: secret.map(posted::proof).unwrap_or_default(),
            asked: self.query.get("q").unwrap_or_default().to_owned(),
            here_encoded: link::encode(&self.here),
            today: date::long_with_weekday(lang, today),
            assets: assets::version(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl FromRequestParts<State> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Fault> {
        Ok(Self::read(parts, state))
    }
}

/// A signed-in person's request.
pub(crate) struct Desk {
    visit: Visit,
    pack: Arc<Pack>,
    pub(crate) person: Id,
    pub(crate) account: Id,
    pub(crate) standing: Standing,
    name: String,
    place: String,
    outside: bool,
    /// Seats that wait for the person's decision, and notices not read, as the request began. Pages ask for them here: a request
    /// that held one snapshot and waited for another could wait for itself.
    pub(crate) waiting: (u64, i64),
}

impl FromRequestParts<State> for Desk {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Fault> {
        let (mut desk, mut reading) = Self::of_session(parts, state).await?;
        let tasks = ledger::decisions::count(&mut reading, &desk.standing).await?;
        let unread = ledger::notices::unread(&mut reading, desk.person).await?;
        desk.waiting = (u64::try_from(tasks).unwrap_or(0), unread);
        Ok(desk)
    }
}

impl Desk {
    /// The desk of the person whose session a request carries, and the snapshot in which it was looked up. What waits for the
    /// person is not counted: only the frame of a page shows it.
    pub(crate) async fn of_session(parts: &Parts, state: &State) -> Result<(Self, Reading), Fault> {
        let visit = Visit::read(parts, state);
        let name = visit.session_name().ok_or(Fault::SignIn)?;
        let mut reading = state.reading(Actor::Machine("sign-in")).await?;
        let live = signin::live(&mut reading, name).await?.ok_or(Fault::SignIn)?;
        if live.stage != Stage::Full {
            return Err(Fault::SignIn);
        }
        if live.stale {
            signin::touch(&visit).await?;
        }
        let desk = Self::seat(visit, &mut reading, live.person, live.account).await?;
        Ok((desk, reading))
    }
}

/// Unit and highest own role, such as 市民課 情報セキュリティ管理者.
fn place(pack: &Pack, lang: Lang, standing: &Standing, unit: &str) -> String {
    let own = standing.held.iter().filter(|held| held.deputy_for.is_none()).filter_map(|held| pack.role(&held.role));
    // Of equal ranks the one in the line: a head of a section who also keeps a system is first its head.
    let in_line = |role: &Role| matches!(role.level, RoleLevel::Bureau | RoleLevel::Section);
    let role = own.filter(|role| !role.implied).max_by_key(|role| (role.rank, in_line(role)));
    let role = role.map(|role| lang.of(role.short.as_ref().unwrap_or(&role.name)));
    match role {
        Some(role) => format!("{unit}　{role}"),
        None => unit.to_owned(),
    }
}

impl Desk {
    /// The desk of a person whose account this is; only for someone in service.
    pub(crate) async fn seat(visit: Visit, reading: &mut Reading, person: Id, account: Id) -> Result<Self, Fault> {
        let pack = visit.state.pack();
        let found = persons::get(reading, person).await?;
        if !found.active(reading.today()) {
            return Err(Fault::SignIn);
        }
        let standing = Standing::of_known(reading, &pack, &found).await?;
        let unit = match standing.home {
            Some(unit) => units::get(reading, unit).await?.name,
            None => String::new(),
        };
        let outside = external(&pack, &found.category) && !inside_role(&pack, &standing);
        let place = place(&pack, visit.lang, &standing, &unit);
        let name = found.name_shown.unwrap_or(found.name);
        Ok(Self { visit, pack, person, account, standing, name, place, outside, waiting: (0, 0) })
    }

    pub(crate) fn lang(&self) -> Lang {
        self.visit.lang
    }

    /// What every form of the reader carries.
    pub(crate) fn proof(&self) -> String {
        self.visit.session_name().map(posted::proof).unwrap_or_default()
    }

    /// Whether an uploaded table can be read here.
    pub(crate) fn can_read_tables(&self) -> bool {
        self.visit.state.table_reader().is_some()
    }

    /// Reads an uploaded table off the async threads.
    pub(crate) async fn read_table(&self, bytes: Vec<u8>) -> Result<Result<tables::Table, tables::Problem>, Fault> {
        let read = self.visit.state.table_reader().ok_or(Fault::NotFound)?;
        tokio::task::spawn_blocking(move || read(&bytes)).await.map_err(Fault::internal)
    }

    pub(crate) fn query(&self) -> &Query {
        &self.visit.query
    }

    pub(crate) fn pack(&self) -> Arc<Pack> {
        Arc::clone(&self.pack)
    }

    pub(crate) fn today(&self) -> Day {
        self.visit.state.now().day()
    }

    /// Unit and highest role, as the frame shows it.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Belongs to an outside company and holds no role that the city's own people may hold: an auditor from an outside firm is
    /// no outsider.
    pub(crate) fn outside(&self) -> bool {
        self.outside
    }

    /// What decides which texts of the policy the person reads.
    pub(crate) fn reader(&self) -> Reader {
        Reader { roles: self.standing.roles_in_city(), outside: self.outside }
    }

    /// What the console works with.
    pub(crate) fn state(&self) -> &State {
        &self.visit.state
    }

    /// A snapshot to read from, as this person, now.
    pub(crate) async fn reading(&self) -> Result<Reading, Fault> {
        self.visit.state.reading(Actor::Person(self.person)).await
    }

    /// A transaction to write in, as this person, now.
    pub(crate) async fn operation(&self) -> Result<Operation, Fault> {
        self.visit.state.operation(Actor::Person(self.person)).await
    }

    /// Notes in the journal that this person is shown what records hold, where that has to be noted: before it is shown, so
    /// that nothing is seen without its entry.
    pub(crate) async fn note_read(&self, reading: &mut Reading, shown: &[(&Register, &Record)]) -> Result<(), Fault> {
        let noted = records::noted(reading, &self.pack, &self.standing, shown).await?;
        if noted.is_empty() {
            return Ok(());
        }
        let mut op = self.operation().await?;
        noted.into_iter().for_each(|(register, record)| records::note_read(&mut op, register, record));
        op.commit().await?;
        Ok(())
    }

    /// Notes in the journal that this person is shown these records as lines of lists, where that has to be noted: before they
    /// are shown, one entry for each register.
    pub(crate) async fn note_lists(&self, reading: &mut Reading, shown: &[(&Register, &Record)]) -> Result<(), Fault> {
        let noted = records::noted(reading, &self.pack, &self.standing, shown).await?;
        if noted.is_empty() {
            return Ok(());
        }
        let mut counts: BTreeMap<&str, (&Register, usize)> = BTreeMap::new();
        for (register, _) in noted {
            counts.entry(&register.id).or_insert((register, 0)).1 += 1;
        }
        let mut op = self.operation().await?;
        counts.into_values().for_each(|(register, count)| records::note_list(&mut op, register, count));
        op.commit().await?;
        Ok(())
    }

    /// The frame of a page that stands at a place of the menu.
    pub(crate) fn page(&self, place: &str, title: &str) -> Page {
        let lang = self.visit.lang;
        let (tasks, unread) = self.waiting;
        let asked = menu::Asked { here: place, tasks, inside: !self.outside };
        let notices = match unread {
            0 => lang.t("お知らせ", "Notices").to_owned(),
            count => format!("{}（{count}）", lang.t("お知らせ", "Notices")),
        };
        let links =
            vec![(notices, "/notices".to_owned()), (lang.t("自分の設定", "My settings").to_owned(), "/me".to_owned())];
        let who = Who { name: self.name.clone(), place: self.place.clone(), links };
        let mut page = self.visit.frame(&self.pack, title);
        page.menu = menu::build(&self.pack, lang, &asked);
        page.who = Some(who);
        page.absences = crate::organisation::absences::open_to(&self.standing);
        page.settings = crate::settings::open_to(&self.standing);
        let today = self.today();
        match self.visit.state.numbers() {
            Numbers::Follow => {}
            Numbers::Awaited(as_of) => page.awaited = Some(date::moment(lang, as_of, today)),
            Numbers::Still(since) => page.still = Some(date::moment(lang, since, today)),
        }
        page.evidence = crate::evidence::open_to(self);
        page.journal = Office::Journal.roles().iter().any(|role| self.standing.holds_office(role));
        page
    }
}

/// `GET /language?to=en&back=/…`
pub(crate) async fn language(UrlQuery(asked): UrlQuery<Vec<(String, String)>>) -> Result<Response, Fault> {
    let query = Query(asked);
    let lang = query.get("to").and_then(Lang::from_tag).ok_or(Fault::NotFound)?;
    let mut response = Redirect::to(&link::back(query.get("back"))).into_response();
    let cookie: HeaderValue = cookies::write("lang", &lang.to_string(), Some(365 * 86_400), false);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Whether a 職員区分 is of people who are not the city's own.
fn external(pack: &Pack, category: &str) -> bool {
    pack.staff_categories.iter().any(|known| known.id == category && known.external)
}

/// Whether one of the roles held is one that the city's own people may hold too.
fn inside_role(pack: &Pack, standing: &Standing) -> bool {
    let roles = standing.held.iter().filter_map(|held| pack.role(&held.role));
    roles.flat_map(|role| &role.holders).any(|category| !external(pack, category))
}
