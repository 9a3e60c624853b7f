//! The profiles, as data.
//!
//! A profile names the elements that may stay, the attributes of each, and what URLs may do. Everything else
//! goes: an unknown element is replaced with its content, except for [`DROPPED`], whose content goes too.

/// An allow-list that a caller starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Text only.
    Strict,
    /// What a chat message needs: inline formatting, lists, code, links. No remote images.
    #[default]
    Chat,
    /// What a rendered README needs: headings, tables, task lists, details, images by policy.
    Markdown,
    /// Broad, for a webview's own layout: with `class` and safe `style`.
    Webview,
    /// Static drawings: no animation, no `foreignObject`, no external reference.
    Svg,
}

/// What a profile allows.
#[derive(Debug)]
pub struct ProfileData {
    /// The profile's name.
    pub name: &'static str,
    /// Elements, each with the attributes that only it may have.
    pub elements: &'static [(&'static str, &'static [&'static str])],
    /// Attributes that every element may have.
    pub attributes: &'static [&'static str],
    /// Attributes that every element may have, by the start of their name.
    pub attribute_prefixes: &'static [&'static str],
    /// Classes that may stay, `*` at the end for any rest; every class if empty.
    pub classes: &'static [&'static str],
    /// Attributes without which a void element goes: element, attribute, the value it must have; any if empty. They are
    /// written in this form.
    pub required: &'static [(&'static str, &'static str, &'static str)],
    /// Schemes a link may have.
    pub link_schemes: &'static [&'static str],
    /// Schemes that what is loaded may have, for hosts that the caller lists.
    pub resource_schemes: &'static [&'static str],
}

/// Elements that go with everything in them: what they hold is not text for a reader.
#[rustfmt::skip]
pub const DROPPED: &[&str] = &[
    "audio", "embed", "frame", "frameset", "head", "iframe", "math", "noembed", "noframes", "noscript", "object",
    "plaintext", "script", "style", "svg", "template", "textarea", "title", "video", "xmp",
];

impl Profile {
    /// Every profile, from narrow to broad.
    pub const ALL: &'static [Self] = &[Self::Strict, Self::Chat, Self::Markdown, Self::Webview, Self::Svg];

    /// What the profile allows.
    #[must_use]
    pub const fn data(self) -> &'static ProfileData {
        match self {
            Self::Strict => &STRICT,
            Self::Chat => &CHAT,
            Self::Markdown => &MARKDOWN,
            Self::Webview => &WEBVIEW,
            Self::Svg => &SVG,
        }
    }

    /// The profile as a table in Markdown, for the documentation.
    #[must_use]
    pub fn table(self) -> String {
        let data = self.data();
        let list = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(" ") }
        };
        let elements: Vec<_> = data.elements.iter().map(|(name, _)| *name).collect();
        let own: Vec<_> = data
            .elements
            .iter()
            .filter(|(_, attributes)| !attributes.is_empty())
            .map(|(name, attributes)| format!("`{name}`: {}", list(attributes)))
            .collect();
        let prefixes: Vec<_> = data.attribute_prefixes.iter().map(|prefix| format!("{prefix}*")).collect();
        let prefixes: Vec<_> = prefixes.iter().map(String::as_str).collect();
        let required: Vec<_> = data
            .required
            .iter()
            .map(|(element, name, value)| match *value {
                "" => format!("`{element}`: `{name}`"),
                value => format!("`{element}`: `{name}=\"{value}\"`"),
            })
            .collect();
        let has_class = data.attributes.contains(&"class")
            || data.elements.iter().any(|(_, attributes)| attributes.contains(&"class"));
        let none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
        format!(
            "| `{}` | |\n|---|---|\n| elements | {} |\n| attributes of all | {} |\n| attributes of one | {} |\n\
             | classes | {} |\n| stays only with | {} |\n| schemes of links | {} |\n| schemes of what is loaded | {} |\n",
            data.name,
            list(&elements),
            list(&[data.attributes, &prefixes].concat()),
            none(own.join("; ")),
            if data.classes.is_empty() && has_class { "any".to_owned() } else { list(data.classes) },
            none(required.join("; ")),
            list(data.link_schemes),
            list(data.resource_schemes),
        )
    }
}

/// An `input` is the box of a task list and nothing else: a reader must not be asked for anything.
const TASK: &[(&str, &str, &str)] = &[("input", "type", "checkbox"), ("input", "disabled", "")];

#[rustfmt::skip]
const STRICT: ProfileData = ProfileData {
    name: "strict",
    elements: &[],
    attributes: &[],
    attribute_prefixes: &[],
    classes: &[],
    required: &[],
    link_schemes: &[],
    resource_schemes: &[],
};

#[rustfmt::skip]
const CHAT: ProfileData = ProfileData {
    name: "chat",
    elements: &[
        ("a", &["href"]), ("abbr", &[]), ("b", &[]), ("bdi", &[]), ("bdo", &[]), ("blockquote", &[]), ("br", &[]),
        ("cite", &[]), ("code", &["class"]), ("del", &[]), ("dfn", &[]), ("div", &[]), ("em", &[]), ("hr", &[]),
        ("i", &[]), ("img", &["alt", "height", "src", "width"]), ("ins", &[]), ("kbd", &[]), ("li", &["value"]),
        ("mark", &[]), ("ol", &["reversed", "start", "type"]), ("p", &[]), ("pre", &["class"]), ("q", &[]),
        ("s", &[]), ("samp", &[]), ("small", &[]), ("span", &[]), ("strike", &[]), ("strong", &[]), ("sub", &[]),
        ("sup", &[]), ("time", &["datetime"]), ("u", &[]), ("ul", &[]), ("var", &[]), ("wbr", &[]),
    ],
    attributes: &["dir", "lang", "title"],
    attribute_prefixes: &[],
    classes: &["language-*"],
    required: &[],
    link_schemes: &["http", "https", "mailto"],
    resource_schemes: &["https"],
};

#[rustfmt::skip]
const MARKDOWN: ProfileData = ProfileData {
    name: "markdown",
    elements: &[
        ("a", &["href", "name", "rel"]), ("abbr", &[]), ("b", &[]), ("bdi", &[]), ("bdo", &[]),
        ("blockquote", &["cite"]), ("br", &[]), ("caption", &[]), ("center", &[]), ("cite", &[]), ("code", &[]),
        ("col", &["span", "width"]), ("colgroup", &["span"]), ("dd", &[]), ("del", &["cite", "datetime"]),
        ("details", &["open"]), ("dfn", &[]), ("div", &[]), ("dl", &[]), ("dt", &[]), ("em", &[]),
        ("figcaption", &[]), ("figure", &[]), ("font", &["color"]), ("h1", &[]), ("h2", &[]), ("h3", &[]),
        ("h4", &[]), ("h5", &[]), ("h6", &[]), ("hr", &[]), ("i", &[]),
        ("img", &["alt", "height", "loading", "src", "srcset", "width"]), ("input", &["checked", "disabled", "type"]),
        ("ins", &["cite", "datetime"]), ("kbd", &[]), ("li", &["value"]), ("mark", &[]),
        ("ol", &["reversed", "start", "type"]), ("p", &[]), ("picture", &[]), ("pre", &[]), ("q", &["cite"]),
        ("rp", &[]), ("rt", &[]), ("ruby", &[]), ("s", &[]), ("samp", &[]), ("section", &[]), ("small", &[]),
        ("source", &["media", "srcset", "type"]), ("span", &[]), ("strike", &[]), ("strong", &[]), ("sub", &[]),
        ("summary", &[]), ("sup", &[]), ("table", &["border", "cellpadding", "cellspacing", "width"]),
        ("tbody", &[]), ("td", &["colspan", "headers", "rowspan", "width"]), ("tfoot", &[]),
        ("th", &["abbr", "colspan", "headers", "rowspan", "scope", "width"]), ("thead", &[]),
        ("time", &["datetime"]), ("tr", &[]), ("tt", &[]), ("u", &[]), ("ul", &[]), ("var", &[]), ("wbr", &[]),
    ],
    attributes: &["align", "class", "dir", "id", "lang", "role", "title", "valign"],
    attribute_prefixes: &["aria-"],
    classes: &[],
    required: TASK,
    link_schemes: &["http", "https", "mailto"],
    resource_schemes: &["https"],
};

#[rustfmt::skip]
const WEBVIEW: ProfileData = ProfileData {
    name: "webview",
    elements: &[
        ("a", &["href", "name", "rel"]), ("abbr", &[]), ("address", &[]), ("article", &[]), ("aside", &[]),
        ("b", &[]), ("bdi", &[]), ("bdo", &[]), ("big", &[]), ("blockquote", &["cite"]), ("br", &[]),
        ("button", &["disabled", "name", "type", "value"]), ("caption", &[]), ("center", &[]), ("cite", &[]),
        ("code", &[]), ("col", &["span", "width"]), ("colgroup", &["span"]), ("data", &["value"]),
        ("datalist", &[]), ("dd", &[]), ("del", &["cite", "datetime"]), ("details", &["open"]), ("dfn", &[]),
        ("div", &[]), ("dl", &[]), ("dt", &[]), ("em", &[]), ("fieldset", &["disabled", "name"]),
        ("figcaption", &[]), ("figure", &[]), ("font", &["color"]), ("footer", &[]), ("h1", &[]), ("h2", &[]),
        ("h3", &[]), ("h4", &[]), ("h5", &[]), ("h6", &[]), ("header", &[]), ("hgroup", &[]), ("hr", &[]),
        ("i", &[]), ("img", &["alt", "height", "loading", "src", "srcset", "width"]),
        ("input", &["checked", "disabled", "type"]), ("ins", &["cite", "datetime"]), ("kbd", &[]), ("label", &["for"]), ("legend", &[]), ("li", &["value"]),
        ("main", &[]), ("mark", &[]), ("menu", &[]), ("meter", &["high", "low", "max", "min", "optimum", "value"]),
        ("nav", &[]), ("ol", &["reversed", "start", "type"]), ("output", &["for", "name"]), ("p", &[]),
        ("picture", &[]), ("pre", &[]), ("progress", &["max", "value"]), ("q", &["cite"]), ("rp", &[]),
        ("rt", &[]), ("ruby", &[]), ("s", &[]), ("samp", &[]), ("search", &[]), ("section", &[]), ("small", &[]),
        ("source", &["media", "srcset", "type"]), ("span", &[]), ("strike", &[]), ("strong", &[]), ("sub", &[]),
        ("summary", &[]), ("sup", &[]), ("table", &["border", "cellpadding", "cellspacing", "width"]),
        ("tbody", &[]), ("td", &["colspan", "headers", "rowspan", "width"]), ("tfoot", &[]),
        ("th", &["abbr", "colspan", "headers", "rowspan", "scope", "width"]), ("thead", &[]),
        ("time", &["datetime"]), ("tr", &[]), ("tt", &[]), ("u", &[]), ("ul", &[]), ("var", &[]), ("wbr", &[]),
    ],
    attributes: &[
        "align", "class", "dir", "hidden", "id", "lang", "role", "style", "tabindex", "title", "translate", "valign",
    ],
    attribute_prefixes: &["aria-", "data-"],
    classes: &[],
    required: TASK,
    link_schemes: &["http", "https", "mailto", "tel"],
    resource_schemes: &["https"],
};

#[rustfmt::skip]
const SVG: ProfileData = ProfileData {
    name: "svg",
    elements: &[
        ("circle", &["cx", "cy", "r"]),
        ("clipPath", &["clipPathUnits"]),
        ("defs", &[]),
        ("desc", &[]),
        ("ellipse", &["cx", "cy", "rx", "ry"]),
        ("g", &[]),
        ("line", &["x1", "x2", "y1", "y2"]),
        ("linearGradient", &["gradientTransform", "gradientUnits", "spreadMethod", "x1", "x2", "y1", "y2"]),
        ("marker", &["markerHeight", "markerUnits", "markerWidth", "orient", "preserveAspectRatio", "refX", "refY",
            "viewBox"]),
        ("mask", &["height", "maskContentUnits", "maskUnits", "width", "x", "y"]),
        ("path", &["d", "pathLength"]),
        ("pattern", &["height", "patternContentUnits", "patternTransform", "patternUnits", "viewBox", "width", "x",
            "y"]),
        ("polygon", &["points"]),
        ("polyline", &["points"]),
        ("radialGradient", &["cx", "cy", "fr", "fx", "fy", "gradientTransform", "gradientUnits", "r",
            "spreadMethod"]),
        ("rect", &["height", "rx", "ry", "width", "x", "y"]),
        ("stop", &["offset"]),
        ("svg", &["height", "preserveAspectRatio", "version", "viewBox", "width", "x", "xmlns", "y"]),
        ("symbol", &["height", "preserveAspectRatio", "refX", "refY", "viewBox", "width", "x", "y"]),
        ("text", &["dx", "dy", "lengthAdjust", "rotate", "textLength", "x", "y"]),
        ("tspan", &["dx", "dy", "lengthAdjust", "rotate", "textLength", "x", "y"]),
    ],
    attributes: &[
        "class", "clip-path", "clip-rule", "color", "display", "dominant-baseline", "fill", "fill-opacity",
        "fill-rule", "font-family", "font-size", "font-style", "font-weight", "id", "letter-spacing", "marker-end",
        "marker-mid", "marker-start", "mask", "opacity", "overflow", "paint-order", "role", "shape-rendering",
        "stop-color", "stop-opacity", "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap",
        "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "text-decoration",
        "text-rendering", "transform", "transform-origin", "vector-effect", "visibility", "word-spacing",
    ],
    attribute_prefixes: &["aria-"],
    classes: &[],
    required: &[],
    link_schemes: &[],
    resource_schemes: &[],
};
