//! `GET /docs`: an explorer of the document, served whole from the binary.
//!
//! One page, one style sheet, one script, and nothing from anywhere else; the policy in [`CONTENT_SECURITY`] holds the
//! browser to it. The page lists the operations by itself, for those without JavaScript. The script replaces the list
//! by forms. It puts text into the page as text only, so that no answer of the server can become markup, and it keeps
//! the token in a variable: when the page goes, the token goes.

use super::{described, operation::Operation};
use crate::config::AuthConfig;
use crate::routes::{self, Feature, Policy, RouteInfo};
use std::fmt::Write as _;

/// What the page may load and do. Scripts make elements, never markup.
pub(crate) const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("explorer/explorer.css");
/// The script.
pub(crate) const SCRIPT: &str = include_str!("explorer/explorer.js");

const FRAME: &str = include_str!("explorer/explorer.html");

/// The page, with the list of operations in it.
pub(super) fn page(config: &AuthConfig) -> String {
    let operations = described(config);
    let mut list = String::new();
    for feature in Feature::ALL {
        let (title, description) = (escape(feature.title()), escape(feature.description()));
        let _ = writeln!(list, "<section class=\"tag\">\n<h2>{title}</h2>\n<p>{description}</p>");
        for route in routes::manifest_of(&[feature], &config.paths) {
            let summary = operations.iter().find(|operation| operation.id == route.operation);
            list += &line(&route, summary);
        }
        list += "</section>\n";
    }
    FRAME
        .replace("{version}", env!("CARGO_PKG_VERSION"))
        .replace("{lead}", &escape(super::LEAD))
        .replace("{operations}", &list)
}

fn line(route: &RouteInfo, described: Option<&Operation>) -> String {
    let method = route.method.as_str();
    let policy = match route.policy {
        Policy::Public => String::new(),
        other => format!("<span class=\"policy\">{}</span>", escape(&other.as_str().replace('_', " "))),
    };
    format!(
        "<div class=\"operation\"><div class=\"head\"><span class=\"method {}\">{method}</span> <code class=\"path\">{}\
         </code> <span class=\"summary\">{}</span> {policy}</div></div>\n",
        method.to_lowercase(),
        escape(&route.path),
        escape(described.map_or("", |operation| operation.summary)),
    )
}

/// A text as HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_every_operation_and_loads_nothing_from_elsewhere() {
        let config = AuthConfig::new("a secret of at least thirty-two bytes");
        let page = page(&config);
        for route in routes::manifest_of(&Feature::ALL, &config.paths) {
            assert!(page.contains(&format!("<code class=\"path\">{}</code>", route.path)), "{}", route.path);
        }
        assert_eq!(
            page.matches("class=\"operation\"").count(),
            routes::manifest_of(&Feature::ALL, &config.paths).len()
        );
        for hole in ["{version}", "{lead}", "{operations}"] {
            assert!(FRAME.contains(hole) && !page.contains(hole), "{hole}");
        }
        for text in [page.as_str(), STYLE, SCRIPT] {
            for foreign in ["http://", "https://", "src=\"//", "href=\"//", "@import"] {
                assert!(!text.contains(foreign), "{foreign}");
            }
        }
        assert!(!STYLE.contains("url("));
        assert!(!page.contains("style=") && !page.contains("onclick"), "the policy would refuse it");
    }

    #[test]
    fn the_script_makes_no_markup_and_keeps_nothing() {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Storage", "cookie"] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }

    #[test]
    fn markup_in_a_text_is_text() {
        assert_eq!(escape("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    }
}
