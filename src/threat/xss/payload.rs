//! Whether a URL, a style or a script would run something.

use super::markup::{Tag, squeezed};

/// Whether a URL, squeezed, runs as script or as a document of its own.
pub(super) fn runs_as_url(url: &str, tag: &Tag, strict: bool) -> bool {
    const SCHEMES: &[&str] = &[
        "javascript:",
        "vbscript:",
        "livescript:",
        "mocha:",
        "jscript:",
        "vbs:",
        "feed:javascript:",
        "view-source:javascript:",
        "x-javascript:",
    ];
    let scheme = |url: &str| SCHEMES.iter().any(|scheme| url.starts_with(scheme));
    let harmless = matches!(
        url,
        "javascript:"
            | "javascript:;"
            | "javascript:void(0)"
            | "javascript:void(0);"
            | "javascript:void0"
            | "javascript://"
    );
    if scheme(url) {
        return !(harmless && strict);
    }
    // `0;url=javascript:…`, a list of values, a URL that only some parsers find.
    if [
        "=javascript:",
        ";javascript:",
        ",javascript:",
        "url(javascript:",
        "&javascript:",
        "'javascript:",
        "\"javascript:",
        "vbscript:",
        ">javascript:",
        "url=data:",
        "0;data:",
    ]
    .iter()
    .any(|inner| url.contains(inner))
    {
        return true;
    }
    if let Some(data) = url.strip_prefix("data:") {
        let kind = data.split([',', ';']).next().unwrap_or("");
        return data.contains("html")
            || data.contains("script")
            || kind.contains("svg")
            || kind.contains("xml")
            || matches!(
                tag.name.as_str(),
                "object" | "embed" | "iframe" | "script" | "a" | "form" | "math" | "button"
            ) && !kind.starts_with("image/")
                && !kind.starts_with("font/");
    }
    !strict && url.len() > 10 && url.contains("script:") && url.contains('(') && !url.contains("://")
}

/// Whether a style, squeezed, runs script or loads a document.
pub(super) fn dangerous_style(style: &str) -> bool {
    [
        "expression(",
        "javascript:",
        "vbscript:",
        "-moz-binding",
        "behavior:",
        "behaviour:",
        "@import",
        "-o-link",
        "image(",
        "url(data:",
        "\\ja",
        "ession(",
        "htc(",
        "@\\",
        "progid:",
        "url(",
        "binding:",
        "[a]",
    ]
    .iter()
    .any(|sign| style.contains(sign))
}

/// Whether script shows a payload: a sink that is called, or a secret that is read.
pub(super) fn shows_payload(script: &str) -> bool {
    let script = squeezed(script);
    [
        "alert(",
        "alert`",
        "confirm(",
        "confirm`",
        "prompt(",
        "prompt`",
        "eval(",
        "document.cookie",
        "string.fromcharcode",
        "alert&lpar;",
        "document.domain",
        "msgbox",
        "expression(",
        "\\u0061",
        "window.name",
        "atob(",
        "alert.call",
        "alert;",
        "=alert",
        "<script",
    ]
    .iter()
    .any(|sink| script.contains(sink))
}

pub(super) fn foreign(url: &str) -> bool {
    let url = squeezed(url);
    url.starts_with("data:")
        || url.starts_with("//") && url.contains("xss")
        || url.starts_with("http") && url.contains("xss")
}
