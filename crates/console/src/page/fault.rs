//! What can go wrong at the boundary: a handful of kinds, each a page in plain words that says what to do next.
//!
//! A handler returns a [`Fault`]; the answer carries it to [`render`], which writes it as a page, or as problem+json (RFC 9457)
//! under `/api`. What the person reads and what the log says are separate.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use ledger::Kind;

use super::cookies;
use super::lang::Lang;
use crate::State;

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Not there, or the asker may not know that it is.
    NotFound,
    /// Nobody is signed in; the page leads to sign-in and back.
    SignIn,
    /// The asker may know of it, but not do this. The sentence says why.
    Forbidden(String),
    /// The request makes no sense as it stands. The sentence says what is allowed.
    Invalid {
        /// The field at fault, for the API.
        field: Option<String>,
        /// What is wrong, in the reader's language.
        says: String,
    },
    /// Someone else changed it meanwhile.
    Stale,
    /// `If-Match` is missing.
    NoVersion,
    /// Another site's page sent it, or the form is too old.
    Elsewhere,
    /// Larger than allowed.
    TooLarge,
    /// Too many attempts; seconds to wait.
    TooMany(u32),
    /// What an operation of the ledger answered.
    Ledger(Box<ledger::Error>),
    /// Our failure. The text goes to the log only.
    Internal(String),
}

impl Fault {
    /// A request that makes no sense, without a field.
    pub(crate) fn invalid(says: impl Into<String>) -> Self {
        Self::Invalid { field: None, says: says.into() }
    }

    /// Too many attempts until then.
    pub(crate) fn wait(until: ledger::Moment, now: ledger::Moment) -> Self {
        Self::TooMany(u32::try_from((until.0 - now.0).max(1000) / 1000).unwrap_or(u32::MAX))
    }

    /// Something of ours failed.
    pub(crate) fn internal(log: impl std::fmt::Display) -> Self {
        Self::Internal(log.to_string())
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Elsewhere => StatusCode::FORBIDDEN,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::NoVersion => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Ledger(error) => match error.kind() {
                Kind::NotFound => StatusCode::NOT_FOUND,
                Kind::Forbidden => StatusCode::FORBIDDEN,
                Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
                Kind::Conflict | Kind::Refused => StatusCode::CONFLICT,
                Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
                Kind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What happened, and what to do next.
    fn words(&self, lang: Lang) -> (String, String) {
        let pair = |ja: (&str, &str), en: (&str, &str)| (lang.t(ja.0, en.0).to_owned(), lang.t(ja.1, en.1).to_owned());
        match self {
            Self::NotFound => pair(
                (
                    "ページが見つかりません",
                    "ホームに戻り、番号や名称で検索するか、メニューから選び直してください。閲覧する権限がないものも、ここでは見つかりません。",
                ),
                (
                    "Page not found",
                    "Go back to the first page and search by number or name, or choose from the menu. What you may not see is not found here either.",
                ),
            ),
            Self::SignIn => pair(
                ("サインインしてください", "このページを見るにはサインインが必要です。"),
                ("Please sign in", "This page needs you to sign in."),
            ),
            Self::Forbidden(says) => (lang.t("この操作はできません", "You cannot do this").to_owned(), says.clone()),
            Self::Invalid { says, .. } => {
                (lang.t("入力を確認してください", "Please check what you entered").to_owned(), says.clone())
            }
            Self::Stale => pair(
                (
                    "ほかの人が先に変更しました",
                    "何も保存していません。前の画面に戻って開き直し、新しい内容を確かめてから、もう一度変更してください。",
                ),
                (
                    "Someone else changed it first",
                    "Nothing was saved. Go back, open it again, look at the new content and change it once more.",
                ),
            ),
            Self::NoVersion => pair(
                ("変更のもとになる版が示されていません", "If-Match に、読み取ったときの ETag を付けてください。"),
                ("The version that you change is not named", "Send If-Match with the ETag that you read."),
            ),
            Self::Elsewhere => pair(
                (
                    "送信を受け付けませんでした",
                    "画面を開いてから時間がたったか、別のサイトから送られました。前の画面を開き直して、もう一度送ってください。",
                ),
                (
                    "The form was not accepted",
                    "It was opened too long ago, or another site sent it. Open the page again and send it once more.",
                ),
            ),
            Self::TooLarge => pair(
                ("送られた内容が大きすぎます", "ファイルを分けるか、小さくして送ってください。"),
                ("Too large", "Send a smaller file, or several."),
            ),
            Self::TooMany(seconds) => wait_words(seconds.div_ceil(60), lang),
            Self::Ledger(error) => ledger_words(error, lang),
            Self::Internal(_) => pair(
                (
                    "処理できませんでした",
                    "入力した内容は保存されていないことがあります。少し待ってやり直し、続くときは情報セキュリティ事務局へ知らせてください。",
                ),
                (
                    "Something went wrong here",
                    "What you entered may not have been saved. Wait a little and try again; if it goes on, tell the secretariat.",
                ),
            ),
        }
    }
}

fn wait_words(minutes: u32, lang: Lang) -> (String, String) {
    let next = match lang {
        Lang::Ja => {
            format!("{minutes}分ほど待ってから、もう一度お試しください。お急ぎのときは情報セキュリティ事務局へ。")
        }
        Lang::En => format!("Wait about {minutes} minutes and try again, or call the secretariat."),
    };
    (lang.t("試行が多すぎます", "Too many attempts").to_owned(), next)
}

fn ledger_words(error: &ledger::Error, lang: Lang) -> (String, String) {
    let what = match error.kind() {
        Kind::NotFound => lang.t("ページが見つかりません", "Page not found"),
        Kind::Forbidden => lang.t("この操作はできません", "You cannot do this"),
        Kind::Invalid => lang.t("入力を確認してください", "Please check what you entered"),
        Kind::Conflict => lang.t("ほかの人の登録と重なりました", "Someone else was first"),
        Kind::Refused => lang.t("今はこの操作ができません", "This cannot be done now"),
        Kind::Busy => lang.t("混み合っています", "Busy"),
        Kind::Broken => lang.t("処理できませんでした", "Something went wrong here"),
    };
    (what.to_owned(), lang.of(error.message()).to_owned())
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer to an address that is none of ours.
pub(crate) async fn not_found() -> Fault {
    Fault::NotFound
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    lang: Lang,
    assets: &'static str,
    what: String,
    next: String,
    code: u16,
    city: String,
    notice: Option<String>,
    contact: Option<String>,
}

/// Writes faults as pages or problem+json.
pub(crate) async fn render(state: axum::extract::State<State>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let get = request.method().is_safe();
    let lang = cookies::read(request.headers(), "lang").and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default();
    let here = request.uri().path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let fault = match response.extensions_mut().remove::<Fault>() {
        Some(fault) => fault,
        None if response.status() == StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge,
        None => return response,
    };
    match &fault {
        Fault::Internal(why) => tracing::error!(%method, path = here.split('?').next(), %why, "request failed"),
        Fault::Ledger(error) if error.kind() == Kind::Broken => {
            tracing::error!(%method, path = here.split('?').next(), why = error.log(), "request failed");
        }
        _ => {}
    }
    if api {
        return problem(&fault, lang);
    }
    if matches!(fault, Fault::SignIn) {
        let back = if get && here != "/" { format!("?back={}", super::link::encode(&here)) } else { String::new() };
        return Redirect::to(&format!("/signin{back}")).into_response();
    }
    let (what, next) = fault.words(lang);
    let city = &state.pack().municipality;
    let page = FaultPage {
        lang,
        assets: super::assets::version(),
        what,
        next,
        code: fault.status().as_u16(),
        city: lang.of(&city.name).to_owned(),
        notice: city.notice.as_ref().map(|text| lang.of(text).to_owned()),
        contact: city.contact.clone(),
    };
    match page.render() {
        Ok(html) => with_wait(&fault, (fault.status(), Html(html)).into_response()),
        Err(_) => fault.status().into_response(),
    }
}

fn problem(fault: &Fault, lang: Lang) -> Response {
    let (title, detail) = fault.words(lang);
    let mut body = serde_json::json!({ "type": "about:blank", "title": title, "status": fault.status().as_u16(), "detail": detail });
    if let Some(map) = body.as_object_mut() {
        match fault {
            Fault::Invalid { field: Some(field), .. } => drop(map.insert("field".to_owned(), field.as_str().into())),
            Fault::Ledger(error) if !error.fields().is_empty() => {
                let errors = error.fields().iter();
                let errors =
                    errors.map(|e| serde_json::json!({ "field": e.field, "detail": lang.of(&e.message) })).collect();
                map.insert("field".to_owned(), error.fields().first().map(|e| e.field.as_str()).into());
                map.insert("errors".to_owned(), serde_json::Value::Array(errors));
            }
            _ => {}
        }
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
    let mut response = (fault.status(), kind, body.to_string()).into_response();
    if matches!(fault, Fault::SignIn) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    with_wait(fault, response)
}

fn with_wait(fault: &Fault, mut response: Response) -> Response {
    if let Fault::TooMany(seconds) = fault {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

impl From<ledger::Error> for Fault {
    fn from(error: ledger::Error) -> Self {
        Self::Ledger(Box::new(error))
    }
}
