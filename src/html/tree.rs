//! A tree in an arena, and the parser that fills it within bounds.
//!
//! Nodes die together with their arena: no reference counts, and no recursion when a deep tree is dropped.
//! Depth and the number of nodes are bounded between the tokenizer and html5ever's tree builder, whose work grows
//! with the square of the depth.

use super::options::Limits;
use super::tokenizer::{Mode, Tokenizer};
use html5ever::interface::{ElementFlags, ExpandedName, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::State;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, create_element};
use html5ever::{Attribute, LocalName, QualName, local_name, ns};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use typed_arena::Arena;

/// A node of the tree and its links.
pub(super) struct Node<'a> {
    pub(super) parent: Link<'a>,
    pub(super) previous: Link<'a>,
    pub(super) next: Link<'a>,
    pub(super) first: Link<'a>,
    pub(super) last: Link<'a>,
    pub(super) data: Data<'a>,
}

pub(super) type Ref<'a> = &'a Node<'a>;
type Link<'a> = Cell<Option<Ref<'a>>>;

pub(super) enum Data<'a> {
    Document,
    Element {
        name: QualName,
        attributes: RefCell<Vec<Attribute>>,
        template: Option<Ref<'a>>,
        html_point: bool,
    },
    Text(RefCell<StrTendril>),
    Comment(StrTendril),
    /// A processing instruction: its target and its data.
    Instruction(String, String),
}

impl<'a> Node<'a> {
    fn new(data: Data<'a>) -> Self {
        let link = || Cell::new(None);
        Self { parent: link(), previous: link(), next: link(), first: link(), last: link(), data }
    }

    /// The name, if the node is an element.
    pub(super) fn name(&self) -> Option<&QualName> {
        match &self.data {
            Data::Element { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Takes the node out of its parent.
    pub(super) fn detach(&self) {
        let (parent, previous, next) = (self.parent.take(), self.previous.take(), self.next.take());
        match (previous, parent) {
            (Some(previous), _) => previous.next.set(next),
            (None, Some(parent)) => parent.first.set(next),
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => next.previous.set(previous),
            (None, Some(parent)) => parent.last.set(previous),
            (None, None) => {}
        }
    }

    fn append(&'a self, child: Ref<'a>) {
        child.detach();
        child.parent.set(Some(self));
        child.previous.set(self.last.get());
        match self.last.replace(Some(child)) {
            Some(last) => last.next.set(Some(child)),
            None => self.first.set(Some(child)),
        }
    }

    fn insert_before(&'a self, child: Ref<'a>) {
        child.detach();
        child.parent.set(self.parent.get());
        child.next.set(Some(self));
        child.previous.set(self.previous.get());
        match self.previous.replace(Some(child)) {
            Some(previous) => previous.next.set(Some(child)),
            None => self.parent.get().into_iter().for_each(|parent| parent.first.set(Some(child))),
        }
    }

    /// How many ancestors the node has; counting stops at `most`.
    fn depth(&self, most: usize) -> usize {
        let mut depth = 0;
        let mut above = self.parent.get();
        while let (Some(node), true) = (above, depth < most) {
            depth += 1;
            above = node.parent.get();
        }
        depth
    }
}

/// What a parse came to, beside the tree.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parsed {
    /// Elements that were too deep and replaced with their content.
    pub(super) flattened: usize,
    /// Attributes that were too many for their element.
    pub(super) attributes: usize,
    /// The tree would have more nodes than allowed; what came after is not in it.
    pub(super) overflowed: bool,
    /// Whether a doctype was seen. The tree builder drops it.
    pub(super) doctype: bool,
    /// Steps of work: nodes made, and open elements that the tree builder looked at.
    pub(super) steps: usize,
}

/// Receives the tree builder's instructions.
pub(super) struct Sink<'a> {
    arena: &'a Arena<Node<'a>>,
    document: Ref<'a>,
    current: Cell<Ref<'a>>,
    steps: Cell<usize>,
    nameless: QualName,
}

impl<'a> Sink<'a> {
    fn new(arena: &'a Arena<Node<'a>>) -> Self {
        let document = &*arena.alloc(Node::new(Data::Document));
        let nameless = QualName::new(None, ns!(), local_name!(""));
        Self { arena, document, current: Cell::new(document), steps: Cell::new(0), nameless }
    }

    fn make(&self, data: Data<'a>) -> Ref<'a> {
        self.arena.alloc(Node::new(data))
    }

    /// Adds text to a text node at the place, or says that a new one is needed.
    fn merge(neighbour: Option<Ref<'a>>, text: &StrTendril) -> bool {
        let Some(Data::Text(before)) = neighbour.map(|node| &node.data) else { return false };
        before.borrow_mut().push_tendril(text);
        true
    }
}

impl<'a> TreeSink for Sink<'a> {
    type Handle = Ref<'a>;
    type Output = Ref<'a>;
    type ElemName<'n>
        = ExpandedName<'n>
    where
        Self: 'n;

    fn finish(self) -> Ref<'a> {
        self.document
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Ref<'a> {
        self.document
    }

    fn elem_name<'n>(&'n self, target: &'n Ref<'a>) -> ExpandedName<'n> {
        self.steps.set(self.steps.get() + 1);
        self.current.set(target);
        match &target.data {
            Data::Element { name, .. } => name.expanded(),
            // The tree builder asks elements only; a document in their place has no name.
            _ => self.nameless.expanded(),
        }
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Ref<'a> {
        let template = flags.template.then(|| self.make(Data::Document));
        let node = self.make(Data::Element {
            name,
            attributes: RefCell::new(attrs),
            template,
            html_point: flags.mathml_annotation_xml_integration_point,
        });
        if let Some(contents) = template {
            // What a template holds is not its child, but counts towards its depth.
            contents.parent.set(Some(node));
        }
        node
    }

    fn create_comment(&self, text: StrTendril) -> Ref<'a> {
        match text.strip_prefix('\0') {
            None => self.make(Data::Comment(text)),
            Some(raw) => match instruction(raw) {
                Some((target, data)) => self.make(Data::Instruction(target.to_owned(), data.to_owned())),
                None => self.make(Data::Comment(format!("?{raw}").into())),
            },
        }
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Ref<'a> {
        self.make(Data::Instruction(target.to_string(), data.to_string()))
    }

    fn append(&self, parent: &Ref<'a>, child: NodeOrText<Ref<'a>>) {
        match child {
            NodeOrText::AppendNode(node) => parent.append(node),
            NodeOrText::AppendText(text) if Self::merge(parent.last.get(), &text) => {}
            NodeOrText::AppendText(text) => parent.append(self.make(Data::Text(RefCell::new(text)))),
        }
    }

    fn append_based_on_parent_node(&self, element: &Ref<'a>, before: &Ref<'a>, child: NodeOrText<Ref<'a>>) {
        if element.parent.get().is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Ref<'a>) -> Ref<'a> {
        match &target.data {
            Data::Element { template: Some(contents), .. } => contents,
            _ => target,
        }
    }

    fn same_node(&self, x: &Ref<'a>, y: &Ref<'a>) -> bool {
        std::ptr::eq(*x, *y)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Ref<'a>, child: NodeOrText<Ref<'a>>) {
        match child {
            NodeOrText::AppendNode(node) => sibling.insert_before(node),
            NodeOrText::AppendText(text) if Self::merge(sibling.previous.get(), &text) => {}
            NodeOrText::AppendText(text) => sibling.insert_before(self.make(Data::Text(RefCell::new(text)))),
        }
    }

    fn add_attrs_if_missing(&self, target: &Ref<'a>, attrs: Vec<Attribute>) {
        if let Data::Element { attributes, .. } = &target.data {
            let mut attributes = attributes.borrow_mut();
            for attribute in attrs {
                if !attributes.iter().any(|known| known.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Ref<'a>) {
        target.detach();
    }

    fn reparent_children(&self, node: &Ref<'a>, new_parent: &Ref<'a>) {
        while let Some(child) = node.first.get() {
            self.steps.set(self.steps.get() + 1);
            new_parent.append(child);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &Ref<'a>) -> bool {
        matches!(target.data, Data::Element { html_point: true, .. })
    }
}

/// The target and the data of a processing instruction, as Chromium 156 reads what stands between `<?` and `>`;
/// nothing if it is a comment.
fn instruction(raw: &str) -> Option<(&str, &str)> {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let (target, rest) = raw.split_at(raw.find(|c| !word(c)).unwrap_or(raw.len()));
    let starts = target.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let space = |c: char| matches!(c, '\t' | '\n' | '\u{c}' | ' ');
    let ends = rest.is_empty() || rest.starts_with(|c| space(c) || c == '?');
    let reserved = ["xml", "xml-stylesheet"].iter().any(|name| name.eq_ignore_ascii_case(target));
    let data = rest.trim_start_matches(space);
    (starts && ends && !reserved).then(|| (target, data.strip_suffix('?').unwrap_or(data)))
}

/// Stands between a tokenizer and the tree builder, and keeps the bounds.
pub(super) struct Bounded<'a> {
    builder: TreeBuilder<Ref<'a>, Sink<'a>>,
    limits: Limits,
    parsed: Cell<Parsed>,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(
        arena: &'a Arena<Node<'a>>,
        context: QualName,
        scripting: bool,
        limits: Limits,
    ) -> Self {
        let sink = Sink::new(arena);
        let context = create_element(&sink, context, Vec::new());
        let options = TreeBuilderOpts { scripting_enabled: scripting, ..TreeBuilderOpts::default() };
        let builder = TreeBuilder::new_for_fragment(sink, context, None, options);
        Self { builder, limits, parsed: Cell::new(Parsed::default()) }
    }

    fn note(&self, change: impl FnOnce(&mut Parsed)) {
        let mut parsed = self.parsed.get();
        change(&mut parsed);
        self.parsed.set(parsed);
    }

    /// Whether a start tag would open an element deeper than allowed.
    fn is_too_deep(&self, tag: &Tag) -> bool {
        if self.builder.sink.arena.len() <= self.limits.depth || is_void(&tag.name) {
            return false;
        }
        // The tree builder answers this question by asking the sink about the current element.
        let _ = self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        self.builder.sink.current.get().depth(self.limits.depth + 2) > self.limits.depth
    }

    /// How the text of the context is read.
    fn first_mode(&self, scripting: bool) -> Mode {
        match self.builder.tokenizer_state_for_context_elem(scripting) {
            State::RawData(kind) => kind.into(),
            State::Plaintext => Mode::Plaintext,
            _ => Mode::Data,
        }
    }

    /// The root of the parsed fragment, and what the parse came to.
    pub(super) fn finish(self) -> (Ref<'a>, Parsed) {
        let mut parsed = self.parsed.get();
        let sink = self.builder.sink;
        parsed.steps = sink.steps.get() + sink.arena.len();
        let document = sink.document;
        // A fragment's nodes are the children of the `html` element that the parser makes.
        let root = document.first.get().filter(|first| first.name().is_some()).unwrap_or(document);
        (root, parsed)
    }
}

impl<'a> TokenSink for Bounded<'a> {
    type Handle = Ref<'a>;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Ref<'a>> {
        let overflowed = self.parsed.get().overflowed;
        match &token {
            Token::EOFToken => {}
            Token::ParseError(_) => return TokenSinkResult::Continue,
            _ if overflowed => return TokenSinkResult::Continue,
            Token::DoctypeToken(_) => self.note(|parsed| parsed.doctype = true),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag && self.is_too_deep(tag) => {
                self.note(|parsed| parsed.flattened += 1);
                return raw_kind(&tag.name);
            }
            _ if self.builder.sink.arena.len() > self.limits.nodes => {
                self.note(|parsed| parsed.overflowed = true);
                return TokenSinkResult::Continue;
            }
            _ => {}
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// What a flattened element means for the tokenizer: raw text stays raw text, so that what was text does not
/// become markup.
fn raw_kind<'a>(name: &LocalName) -> TokenSinkResult<Ref<'a>> {
    use html5ever::tokenizer::states::RawKind;
    match *name {
        local_name!("script") => TokenSinkResult::RawData(RawKind::ScriptData),
        local_name!("style")
        | local_name!("xmp")
        | local_name!("iframe")
        | local_name!("noembed")
        | local_name!("noframes")
        | local_name!("noscript") => TokenSinkResult::RawData(RawKind::Rawtext),
        local_name!("title") | local_name!("textarea") => TokenSinkResult::RawData(RawKind::Rcdata),
        local_name!("plaintext") => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// Elements that never stay open.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Parses a fragment as the content of a `div`.
pub(super) fn parse<'a>(
    arena: &'a Arena<Node<'a>>,
    html: &str,
    scripting: bool,
    limits: Limits,
) -> (Ref<'a>, Parsed) {
    parse_in(arena, html, QualName::new(None, ns!(html), local_name!("div")), scripting, limits)
}

/// Parses a fragment as the content of any element.
pub(super) fn parse_in<'a>(
    arena: &'a Arena<Node<'a>>,
    html: &str,
    context: QualName,
    scripting: bool,
    limits: Limits,
) -> (Ref<'a>, Parsed) {
    let bounded = Bounded::new(arena, context, scripting, limits);
    let mode = bounded.first_mode(scripting);
    let mut tokenizer = Tokenizer::new(&bounded, html, mode, limits.attributes);
    tokenizer.run();
    let attributes = tokenizer.dropped_attributes;
    let (root, mut parsed) = bounded.finish();
    parsed.attributes = attributes;
    (root, parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(html: &str) -> Parsed {
        parse(&Arena::new(), html, true, Limits { bytes: usize::MAX, nodes: 1 << 22, ..Limits::default() }).1
    }

    #[test]
    fn ten_times_the_input_is_ten_times_the_work() {
        type Shape = (&'static str, fn(usize) -> String);
        let shapes: [Shape; 16] = [
            ("nested blocks", |n| "<div>".repeat(n)),
            ("nested formatting", |n| (0..n).map(|n| format!("<b a={n}>")).collect()),
            ("nested tables", |n| "<table><td>".repeat(n)),
            ("nested lists", |n| "<ul><li>".repeat(n)),
            ("nested drawings", |n| "<svg><g>".repeat(n)),
            ("nested templates", |n| "<template>".repeat(n)),
            ("opening brackets", |n| "<".repeat(n * 10)),
            ("attributes", |n| format!("<a {}>", (0..n).map(|n| format!("a{n} ")).collect::<String>())),
            ("misnested", |n| "<a><p></a><b></p><i></b>".repeat(n)),
            ("formatting, all different", |n| (0..n).map(|n| format!("<font color={n}>x")).collect()),
            ("formatting never closed", |n| "<b><i><u><p>x".repeat(n)),
            ("text in tables", |n| "<table>x".repeat(n)),
            ("rows without a table", |n| "<table><b><tr><i>x".repeat(n)),
            ("choices", |n| "<select><option><optgroup>x".repeat(n)),
            ("end tags that fit nothing", |n| "<div>".repeat(500) + &"</p></x></b>".repeat(n)),
            ("points of integration", |n| "<svg><desc><math><mi>".repeat(n)),
        ];
        for (name, shape) in shapes {
            let (small, large) = (steps(&shape(1_000)), steps(&shape(10_000)));
            assert!(large.steps < small.steps * 13 + 100_000, "{name}: {small:?} {large:?}");
        }
    }

    #[test]
    fn what_is_too_deep_is_flattened_and_its_text_stays() {
        let arena = Arena::new();
        let html = format!("{}x", "<div>".repeat(100_000));
        let (root, parsed) = parse(&arena, &html, true, Limits::default());
        assert!(parsed.flattened > 99_000 && !parsed.overflowed, "{parsed:?}");
        let mut node = root;
        while let Some(first) = node.first.get() {
            node = first;
        }
        assert!(matches!(&node.data, Data::Text(text) if &**text.borrow() == "x"));
    }

    #[test]
    fn formatting_that_multiplies_runs_into_the_bound_of_nodes() {
        let formatting: String = (0..400).map(|n| format!("<b a={n}>")).collect();
        let html = format!("<p>{formatting}</p>{}", "<p>x</p>".repeat(10_000));
        assert!(parse(&Arena::new(), &html, true, Limits::default()).1.overflowed);
    }
}
