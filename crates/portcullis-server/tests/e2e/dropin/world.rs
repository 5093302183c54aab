//! What the script knows about one of the two servers: where it is, its secret, and the values kept from its answers.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::exchange::Exchange;
use super::peer::Peer;

/// Where the routers are mounted.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Instead of `/auth`.
    pub auth: &'static str,
    /// Instead of `/users`.
    pub users: &'static str,
    /// Instead of `/admin`.
    pub admin: &'static str,
}

/// The mount points of zndraw-auth's quick start.
pub const QUICK_START: Layout = Layout { auth: "/auth", users: "/users", admin: "/admin" };

/// The mount points of ZnDraw.
pub const ZNDRAW: Layout = Layout { auth: "/v1/auth", users: "/v1/auth/users", admin: "/v1/admin" };

/// One server and what was learnt from it.
pub struct World {
    /// The server.
    pub peer: Box<dyn Peer>,
    /// Its mount points.
    pub layout: Layout,
    kept: BTreeMap<String, String>,
    client: reqwest::Client,
}

impl World {
    /// A world that knows nothing yet.
    pub fn new(peer: Box<dyn Peer>, layout: Layout) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // uvicorn closes the connection after a 500 without saying so.
            .pool_max_idle_per_host(0)
            .build()
            .expect("a plain client builds");
        Self { peer, layout, kept: BTreeMap::new(), client }
    }

    /// The kept value of this name, or `unsaved-name`.
    pub fn value(&self, name: &str) -> String {
        self.kept.get(name).cloned().unwrap_or_else(|| format!("unsaved-{name}"))
    }

    /// Replaces every `${name}`; `${name|upper}`, `${name|lower}` and `${name|plain}` (without hyphens) respell the value.
    pub fn fill(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}').expect("a placeholder is closed");
            filled.push_str(before);
            filled.push_str(&match name.split_once('|') {
                None => self.value(name),
                Some((name, "upper")) => self.value(name).to_uppercase(),
                Some((name, "lower")) => self.value(name).to_lowercase(),
                Some((name, "plain")) => self.value(name).replace('-', ""),
                Some((_, spelling)) => panic!("no such spelling: {spelling}"),
            });
            rest = tail;
        }
        filled + rest
    }

    /// The name under which exactly this value was kept.
    pub fn name_of(&self, value: &str) -> Option<&str> {
        self.kept.iter().find(|(_, kept)| *kept == value).map(|(name, _)| name.as_str())
    }

    /// Replaces every kept value of some length inside a text by its placeholder.
    pub fn mask(&self, text: &str) -> String {
        let mut values: Vec<_> = self.kept.iter().filter(|(_, value)| value.len() >= 8).collect();
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        values.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(value, &format!("${{{name}}}")))
    }

    /// Moves a path written for the quick start to this layout.
    pub fn mounted(&self, path: &str) -> String {
        for (written, mounted) in
            [("/auth", self.layout.auth), ("/users", self.layout.users), ("/admin", self.layout.admin)]
        {
            if let Some(rest) = path.strip_prefix(written)
                && (rest.is_empty() || rest.starts_with(['/', '?']))
            {
                return format!("{mounted}{rest}");
            }
        }
        path.to_owned()
    }

    /// Sends the request, keeps what is to be kept, and returns the answer as it came.
    pub async fn run(&mut self, exchange: &Exchange) -> Answer {
        let mut answer = self.send(exchange).await;
        if let Some(status) = exchange.until {
            // Only the wall clock of two foreign processes changes this answer, and neither can be told the time.
            for _ in 0..100 {
                if answer.status == status {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                answer = self.send(exchange).await;
            }
        }
        for (name, pointer) in &exchange.saves {
            if let Some(value) = answer.json().and_then(|body| body.pointer(pointer)?.as_str().map(String::from)) {
                self.kept.insert((*name).into(), value);
            }
        }
        if let Some((name, kind, email)) = exchange.delivered
            && let Some(token) = self.peer.one_time_token(kind, email)
        {
            self.kept.insert(name.into(), token);
        }
        answer
    }

    async fn send(&self, exchange: &Exchange) -> Answer {
        let url = format!("{}{}", self.peer.base(), self.mounted(&self.fill(&exchange.path)));
        let method = reqwest::Method::from_bytes(exchange.method.as_bytes()).expect("the script's methods are tokens");
        let mut request = self.client.request(method, url);
        for (name, make) in &exchange.headers {
            let value =
                reqwest::header::HeaderValue::from_bytes(&make(self)).expect("the script's headers can be sent");
            request = request.header(*name, value);
        }
        if let Some(make) = &exchange.body {
            request = request.body(make(self));
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{}: no answer: {error:?}\n{}", exchange.id, self.peer.errors()));
        Answer::read(response).await
    }
}
