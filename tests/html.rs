//! The sanitizer as the public API has it.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use vespera_security::ErrorCode;
use vespera_security::html::{Options, Profile, PurifyOptions, Relative, Sanitizer};

fn sanitizer(profile: Profile) -> Sanitizer {
    Sanitizer::new(Options { profile, ..Options::default() }).unwrap()
}

fn clean(profile: Profile, html: &str) -> String {
    sanitizer(profile).sanitize(html).unwrap().into_owned()
}

#[test]
fn what_runs_goes_and_what_reads_stays() {
    let html = "<p onclick=a()>Hi <b>there</b><script>a()</script><img src=x onerror=a()></p>";
    assert_eq!(clean(Profile::Strict, html), "Hi there");
    assert_eq!(clean(Profile::Chat, html), "<p>Hi <b>there</b><img src=\"x\"></p>");
}

#[test]
fn plain_text_is_its_own_answer() {
    let text = "Nothing to see, 1 + 1 = 2";
    assert!(matches!(
        sanitizer(Profile::Chat).sanitize(text).unwrap(),
        std::borrow::Cow::Borrowed(answer) if std::ptr::eq(answer, text)
    ));
}

#[test]
fn links_keep_listed_schemes_only() {
    for (href, kept) in [
        ("https://e.example/", true),
        ("mailto:a@e.example", true),
        ("/there", true),
        ("javascript:alert(1)", false),
        ("java\nscript:alert(1)", false),
        ("\u{1}javascript:alert(1)", false),
        ("JaVaScRiPt:alert(1)", false),
        ("data:text/html,x", false),
        ("command:rm", false),
        ("vbscript:x", false),
        ("https://exa mple/", false),
    ] {
        let html = clean(Profile::Chat, &format!("<a href=\"{href}\">x</a>"));
        assert_eq!(html.contains("href"), kept, "{href:?} -> {html}");
    }
}

#[test]
fn remote_images_need_a_listed_host() {
    let html =
        "<img src=\"https://e.example/p.png?secret\"><img src=\"//e.example/p.png\"><img src=\"p.png\">";
    assert_eq!(clean(Profile::Chat, html), "<img><img><img src=\"p.png\">");
    let mut options = Options::default();
    options.urls.remote_hosts = vec!["*.example".to_owned()];
    options.urls.relative = Relative::Remove;
    let sanitizer = Sanitizer::new(options).unwrap();
    assert_eq!(
        sanitizer.sanitize(html).unwrap(),
        "<img src=\"https://e.example/p.png?secret\"><img src=\"//e.example/p.png\"><img>"
    );
}

#[test]
fn editor_resources_stay_below_their_roots() {
    let mut options = Options::default();
    options.urls.resource_roots =
        vec!["https://file+.vscode-resource.vscode-cdn.net/home/u/project/".to_owned()];
    let sanitizer = Sanitizer::new(options).unwrap();
    let kept = |path: &str| {
        let html = format!("<img src=\"https://file+.vscode-resource.vscode-cdn.net{path}\">");
        sanitizer.sanitize(&html).unwrap().contains("src")
    };
    assert!(kept("/home/u/project/a.png"));
    assert!(kept("/home/u/project/b/../a.png"));
    for path in [
        "/home/u/a.png",
        "/home/u/project2/a.png",
        "/home/u/project/../a.png",
        "/home/u/project/..%2fa.png",
        "/home/u/project/%2e%2e/a.png",
        "/home/u/project/..%252fa.png",
        "/home/u/project/..%5ca.png",
        "/home/u/project/..\\a.png",
    ] {
        assert!(!kept(path), "{path}");
    }
}

#[test]
fn command_links_need_a_listed_id_and_json() {
    let mut options = Options::default();
    options.urls.commands = vec!["git.show".to_owned()];
    let sanitizer = Sanitizer::new(options).unwrap();
    let kept = |href: &str| sanitizer.sanitize(&format!("<a href='{href}'>x</a>")).unwrap().contains("href");
    assert!(kept("command:git.show"));
    assert!(kept("command:git.show?%5B1%2C%22a%22%5D"));
    assert!(!kept("command:git.show?%5B1"));
    assert!(!kept("command:git.push"));
    assert!(!kept("command:GIT.show/x"));
}

#[test]
fn ids_and_their_references_get_a_prefix() {
    assert_eq!(
        clean(
            Profile::Markdown,
            "<a href=\"#top\" name=\"top\">x</a><p id=\"forms\" aria-labelledby=\"a b\">y</p>"
        ),
        "<a href=\"#user-content-top\" name=\"user-content-top\">x</a>\
         <p id=\"user-content-forms\" aria-labelledby=\"user-content-a user-content-b\">y</p>"
    );
}

#[test]
fn task_lists_are_disabled_checkboxes() {
    assert_eq!(
        clean(Profile::Markdown, "<li><input type=CheckBox name=p checked disabled=1> done"),
        "<li><input checked=\"\" type=\"checkbox\" disabled=\"\"> done</li>"
    );
    for profile in [Profile::Chat, Profile::Markdown, Profile::Webview] {
        for input in [
            "<input>",
            "<input type=checkbox>",
            "<input disabled>",
            "<input type=password disabled>",
            "<input type=text type=checkbox disabled>",
            "<frameset></frameset><input id=y autofocus>",
            "<table><input type=hidden></table>",
        ] {
            let html = clean(profile, input);
            assert!(!html.contains("input"), "{profile:?} {input} {html}");
        }
    }
    let removed = sanitizer(Profile::Markdown).inspect("<input type=text>").unwrap().removed;
    assert_eq!(
        removed.iter().map(|r| (r.name.as_str(), r.rule)).collect::<Vec<_>>(),
        [("input", "required")]
    );
}

#[test]
fn adding_a_listed_element_allows_all_of_them_and_takes_no_attribute_away() {
    let mut options = Options { profile: Profile::Webview, ..Options::default() };
    options.add.tags = vec!["input".to_owned(), "a".to_owned()];
    options.add.attributes.insert("input".to_owned(), vec!["placeholder".to_owned()]);
    let html = "<input type=\"text\" placeholder=\"x\"><a href=\"https://e.example/\">y</a>";
    assert_eq!(Sanitizer::new(options).unwrap().sanitize(html).unwrap(), html);
}

#[test]
fn contradictions_are_refused_before_anything_runs() {
    let refused = |options: Options| Sanitizer::new(options).unwrap_err().code();
    let mut both = Options::default();
    both.add.tags = vec!["main".to_owned()];
    both.remove.tags = vec!["main".to_owned()];
    assert_eq!(refused(both), ErrorCode::ConfigInvalid);
    for tag in ["script", "iframe", "foreignObject", "STYLE", "p onclick", ""] {
        let mut options = Options::default();
        options.add.tags = vec![tag.to_owned()];
        assert_eq!(refused(options), ErrorCode::ConfigInvalid, "{tag}");
    }
    for attribute in ["onclick", "ONLOAD", "srcdoc", "a=b"] {
        let mut options = Options::default();
        options.add.attributes.insert("*".to_owned(), vec![attribute.to_owned()]);
        assert_eq!(refused(options), ErrorCode::ConfigInvalid, "{attribute}");
    }
    let mut scheme = Options::default();
    scheme.add.schemes = vec!["JavaScript".to_owned()];
    assert_eq!(refused(scheme), ErrorCode::ConfigInvalid);
}

#[test]
fn a_report_names_each_removal() {
    let inspection = sanitizer(Profile::Chat)
        .inspect("<!-- x --><main><b style=\"color:red\">a</b></main><script>1</script><a href=\"javascript:1\">b</a>")
        .unwrap();
    assert_eq!(inspection.html, "<b>a</b><a>b</a>");
    assert!(inspection.changed && inspection.stable);
    let found: Vec<_> = inspection.removed.iter().map(|r| (r.kind, r.name.as_str(), r.rule)).collect();
    assert_eq!(
        found,
        [
            ("comment", "", "comment"),
            ("element", "main", "unlisted"),
            ("attribute", "style", "unlisted"),
            ("element", "script", "dropped"),
            ("attribute", "href", "url"),
        ]
    );
}

#[test]
fn limits_are_errors_or_flatten() {
    let mut options = Options::default();
    options.limits.bytes = 10;
    let error = Sanitizer::new(options).unwrap().sanitize("<b>12345678</b>").unwrap_err();
    assert_eq!(error.code(), ErrorCode::InputTooLarge);
    let deep = format!("{}x", "<div>".repeat(5_000));
    let html = clean(Profile::Chat, &deep);
    assert!(html.matches("<div>").count() <= 513 && html.contains('x'));
}

/// What `setHTML` makes of the markup under a configuration, given as JSON.
fn standard(config: &str, html: &str) -> Result<String, ErrorCode> {
    let options: Options = serde_json::from_str(&format!("{{\"sanitizer\":{config}}}")).unwrap();
    let sanitizer = Sanitizer::new(options).map_err(|error| error.code())?;
    Ok(sanitizer.sanitize(html).map_err(|error| error.code())?.into_owned())
}

#[test]
fn the_standard_configuration_removes_what_it_does_not_list() {
    let html = "<p id=x onclick=a() title=t>a<custom>b</custom><b>c</b><!-- d --></p><script>e</script>";
    assert_eq!(standard("\"default\"", html).unwrap(), "<p title=\"t\">a<b>c</b></p>");
    assert_eq!(standard("{}", html).unwrap(), "<p id=\"x\" title=\"t\">a<custom>b</custom><b>c</b></p>");
    assert_eq!(
        standard("{\"elements\":[\"p\"],\"attributes\":[],\"comments\":true}", html).unwrap(),
        "<p>a<!-- d --></p>"
    );
    assert_eq!(
        standard("{\"replaceWithChildrenElements\":[\"p\"],\"removeElements\":[\"b\",\"custom\"]}", html)
            .unwrap(),
        "a"
    );
    assert_eq!(
        standard("{\"elements\":[{\"name\":\"p\",\"attributes\":[\"id\"]}]}", html).unwrap(),
        "<p id=\"x\">a</p>"
    );
}

#[test]
fn processing_instructions_go_unless_they_are_listed() {
    let html = "a<?pi x?>b<?other?>c<?xml y?>";
    assert_eq!(standard("{\"comments\":true}", html).unwrap(), "abc<!--?xml y?-->");
    assert_eq!(standard("{\"processingInstructions\":[\"pi\"]}", html).unwrap(), "a<?pi x?>bc");
    assert_eq!(
        standard("{\"removeProcessingInstructions\":[{\"target\":\"pi\"}]}", html).unwrap(),
        "ab<?other ?>c"
    );
    assert_eq!(clean(Profile::Chat, html), "abc");
}

#[test]
fn the_safe_baseline_holds_whatever_the_configuration_says() {
    for config in ["{}", "{\"elements\":[\"script\",\"iframe\",\"a\"],\"attributes\":[\"onclick\",\"href\"]}"]
    {
        let html = "<a href=' javascript:x' onclick=y>z</a><iframe src=x></iframe><script>a</script><svg><use href=#x /></svg>";
        let clean = standard(config, html).unwrap();
        assert!(
            clean.starts_with("<a>z</a>") && !clean.contains("script") && !clean.contains("frame"),
            "{clean}"
        );
    }
}

#[test]
fn configurations_that_the_standard_refuses_are_refused() {
    for config in [
        "{\"elements\":[],\"removeElements\":[]}",
        "{\"attributes\":[],\"removeAttributes\":[]}",
        "{\"elements\":[\"p\",\"p\"]}",
        "{\"elements\":[\"p\"],\"replaceWithChildrenElements\":[\"p\"]}",
        "{\"removeElements\":[\"p\"],\"replaceWithChildrenElements\":[{\"name\":\"p\"}]}",
        "{\"attributes\":[\"id\"],\"elements\":[{\"name\":\"p\",\"attributes\":[\"id\"]}]}",
        "{\"attributes\":[\"id\"],\"elements\":[{\"name\":\"p\",\"removeAttributes\":[\"title\"]}]}",
        "{\"removeAttributes\":[],\"dataAttributes\":true}",
        "{\"attributes\":[\"data-x\"],\"dataAttributes\":true}",
        "{\"processingInstructions\":[],\"removeProcessingInstructions\":[]}",
    ] {
        assert_eq!(standard(config, "x<b>"), Err(ErrorCode::ConfigInvalid), "{config}");
    }
    let mixed: Options =
        serde_json::from_str("{\"profile\":\"markdown\",\"sanitizer\":\"default\"}").unwrap();
    assert!(Sanitizer::new(mixed).is_err());
}

#[test]
fn headings_that_only_an_unlisted_element_keeps_apart_become_neighbours() {
    let html = "<h1><unlisted><h2>x</h2></unlisted></h1><h1><unlisted><unlisted><h2>y";
    assert_eq!(clean(Profile::Markdown, html), "<h1></h1><h2>x</h2><h1></h1><h2>y</h2>");
    let html = "<h1><p>x<h2>y</h2>";
    assert_eq!(clean(Profile::Markdown, html), "<h1><p>x</p></h1><h2>y</h2>");
}

/// Inputs that fuzzing found.
#[test]
fn what_the_second_line_cuts_is_cleaned_again() {
    let sanitizer = Sanitizer::purify(PurifyOptions::default()).unwrap();
    for html in ["<math><mi><style> src?x o=yi><style> src?x o=>", "<math><mtext><style><b>x</style>y"] {
        let once = sanitizer.sanitize(html).unwrap();
        assert_eq!(sanitizer.sanitize(&once).unwrap(), once, "{html}");
        assert!(sanitizer.passes_audit(&once), "{html}");
    }
}

#[test]
fn an_attribute_allowed_by_its_beginning_has_a_plain_name() {
    let kept = "<b aria-label=\"x\" data-a.b_c-é=\"y\">z</b>";
    assert_eq!(clean(Profile::Webview, kept), kept);
    for name in ["data-", "data-a<", "data-<image", "data-\"x\"", "data-`", "aria-'", "data-\0", "data-a&b"] {
        assert_eq!(clean(Profile::Webview, &format!("<b {name}=x>z</b>")), "<b>z</b>", "{name}");
    }
}

#[test]
fn a_drawing_loads_nothing_from_elsewhere() {
    for value in [
        "url(#a), image-set('https://e.example/x' 1x)",
        "image-set('https://e.example/x' 1x), url(#a)",
        "cross-fade('https://e.example/x', red)",
        "-webkit-image-set('https://e.example/x' 1x)",
        "src('https://e.example/x')",
        "url(#a) url(https://e.example/x)",
        "url( #a), URL(//e.example/x)",
        "u\\72l(https://e.example/x)",
        "u/**/rl(https://e.example/x)",
        "var(--page)",
        "attr(data-x)",
        "element(#a)",
    ] {
        for name in ["mask", "fill", "stroke", "clip-path", "marker-end"] {
            let html = format!("<svg><rect {name}=\"{value}\"></rect></svg>");
            assert_eq!(clean(Profile::Svg, &html), "<svg><rect></rect></svg>", "{name} {value}");
        }
    }
    let kept = "<svg><rect fill=\"rgb(1,2,3)\" mask=\"url(#user-content-a)\" clip-path=\"circle(50%)\"></rect></svg>";
    assert_eq!(clean(Profile::Svg, kept), kept);
}

#[test]
fn what_stands_in_a_template_is_cleaned_too() {
    for config in ["{}", "{\"removeElements\":[\"b\"]}", "{\"comments\":true,\"removeAttributes\":[]}"] {
        let html = "<template shadowrootmode=open><script>x</script><img src=x onerror=y><a href=javascript:x>z</a>\
                    <template><iframe></iframe><p onclick=a>q</p></template></template>";
        let cleaned = standard(config, html).unwrap();
        for bad in ["script", "onerror", "iframe", "onclick"] {
            assert!(!cleaned.contains(bad), "{config} {cleaned}");
        }
    }
}

/// Markup that one parser reads as text or as a comment and another as elements, under configurations that keep much.
#[test]
fn nothing_that_runs_hides_from_one_parser() {
    let image = "<img src=x onerror=run()>";
    let mut inputs = Vec::new();
    for raw in [
        "noscript", "style", "xmp", "noembed", "noframes", "iframe", "textarea", "title", "select",
        "template",
    ] {
        for around in [
            "",
            "<svg>",
            "<math>",
            "<svg><desc>",
            "<math><mi>",
            "<table>",
            "<select>",
            "<math><annotation-xml encoding=text/html>",
        ] {
            inputs.push(format!("{around}<{raw}><!--</{raw}>{image}--></{raw}>"));
            inputs.push(format!("{around}<{raw}><p title=\"</{raw}>{image}\"></{raw}>"));
            inputs.push(format!("{around}<{raw}><?x </{raw}>{image}?></{raw}>"));
            inputs.push(format!("{around}<{raw}><![CDATA[</{raw}>{image}]]></{raw}>"));
            inputs.push(format!("{around}<{raw}>&lt;/{raw}&gt;&lt;img src=x onerror=run()&gt;"));
        }
    }
    let configs = [
        "{}",
        "{\"comments\":true}",
        "{\"comments\":true,\"processingInstructions\":[\"x\"]}",
        "{\"removeElements\":[\"p\"],\"removeAttributes\":[],\"comments\":true}",
        "{\"replaceWithChildrenElements\":[{\"name\":\"svg\",\"namespace\":\"http://www.w3.org/2000/svg\"},\
         {\"name\":\"math\",\"namespace\":\"http://www.w3.org/1998/Math/MathML\"},\"noscript\"],\"comments\":true}",
    ];
    let checker = sanitizer(Profile::Chat);
    for config in configs {
        for input in &inputs {
            let cleaned = standard(config, input).unwrap();
            let again = standard(config, &cleaned).unwrap();
            assert_eq!(again, cleaned, "{config} {input}");
            // However it is wrapped, the profile that keeps images finds none with more than it may have.
            for (open, close) in [
                ("", ""),
                ("<svg>", "</svg>"),
                ("<math>", "</math>"),
                ("<noscript>", "</noscript>"),
                ("<table>", "</table>"),
            ] {
                let wrapped = format!("{open}{cleaned}{close}");
                let removed = checker.inspect(&wrapped).unwrap().removed;
                assert!(!removed.iter().any(|r| r.name == "onerror"), "{config} {input} {cleaned}");
            }
        }
    }
}

#[test]
fn as_dompurify_does_what_a_document_has_in_its_head_goes() {
    let of = |options: &str, html: &str| {
        let options: PurifyOptions = serde_json::from_str(options).unwrap();
        Sanitizer::purify(options).unwrap().sanitize(html).unwrap().into_owned()
    };
    let html =
        " <style>a{color:red}</style> <title>x</title><b title=\" y \">z</b><style>b{color:red}</style>";
    assert_eq!(of("{}", html), " <b title=\"y\">z</b><style>b{color:red}</style>");
    assert_eq!(of("{}", "x<style>a{}</style>"), "x<style>a{}</style>");
    assert!(of("{\"FORCE_BODY\":true}", html).starts_with(" <style>a{color:red}</style> "));
    assert_eq!(of("{}", "<script>a</script>\n<p>b</p>\n"), "<p>b</p>\n");
    assert_eq!(of("{}", "</ins>\n*bar*\n"), "*bar*\n");
    assert_eq!(of("{}", "\n<!-- a -->\n<b>c</b>"), "\n<b>c</b>");
    assert_eq!(of("{}", "<input value=\" a \">"), "<input value=\" a \">");
}
