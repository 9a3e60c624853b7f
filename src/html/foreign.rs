//! The names of foreign content. An element whose name belongs to another namespace than its own would change
//! its meaning in the next parse.

/// Whether SVG has an element of this name (SVG 2, element index, with the obsolete `animateColor`).
pub(super) fn is_svg(name: &str) -> bool {
    SVG.binary_search(&name).is_ok()
}

/// Whether MathML has an element of this name (MathML 3, presentation and content).
pub(super) fn is_mathml(name: &str) -> bool {
    MATHML.binary_search(&name).is_ok()
}

/// Whether the name is MathML's and nobody else's.
pub(super) fn is_mathml_only(name: &str) -> bool {
    is_mathml(name) && name != "span"
}

/// Whether an element of this name cannot be an element of HTML after another parse.
pub(super) fn is_foreign_only(name: &str) -> bool {
    (is_svg(name) || is_mathml(name)) && !matches!(name, "title" | "style" | "font" | "a" | "script" | "span")
}

#[rustfmt::skip]
const SVG: &[&str] = &[
    "a", "animate", "animateColor", "animateMotion", "animateTransform", "circle", "clipPath", "defs", "desc",
    "discard", "ellipse", "feBlend", "feColorMatrix", "feComponentTransfer", "feComposite", "feConvolveMatrix",
    "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feDropShadow", "feFlood", "feFuncA", "feFuncB",
    "feFuncG", "feFuncR", "feGaussianBlur", "feImage", "feMerge", "feMergeNode", "feMorphology", "feOffset",
    "fePointLight", "feSpecularLighting", "feSpotLight", "feTile", "feTurbulence", "filter", "foreignObject",
    "g", "image", "line", "linearGradient", "marker", "mask", "metadata", "mpath", "path", "pattern", "polygon",
    "polyline", "radialGradient", "rect", "script", "set", "stop", "style", "svg", "switch", "symbol", "text",
    "textPath", "title", "tspan", "use", "view",
];

#[rustfmt::skip]
const MATHML: &[&str] = &[
    "abs", "and", "annotation", "annotation-xml", "apply", "approx", "arccos", "arccosh", "arccot", "arccoth",
    "arccsc", "arccsch", "arcsec", "arcsech", "arcsin", "arcsinh", "arctan", "arctanh", "arg", "bind", "bvar",
    "card", "cartesianproduct", "cbytes", "ceiling", "cerror", "ci", "cn", "codomain", "complexes", "compose",
    "condition", "conjugate", "cos", "cosh", "cot", "coth", "cs", "csc", "csch", "csymbol", "curl", "declare",
    "degree", "determinant", "diff", "divergence", "divide", "domain", "domainofapplication", "emptyset", "eq",
    "equivalent", "eulergamma", "exists", "exp", "exponentiale", "factorial", "factorof", "false", "floor",
    "fn", "forall", "gcd", "geq", "grad", "gt", "ident", "image", "imaginary", "imaginaryi", "implies", "in",
    "infinity", "int", "integers", "intersect", "interval", "inverse", "lambda", "laplacian", "lcm", "leq",
    "limit", "list", "ln", "log", "logbase", "lowlimit", "lt", "maction", "maligngroup", "malignmark", "math",
    "matrix", "matrixrow", "max", "mean", "median", "menclose", "merror", "mfenced", "mfrac", "mglyph", "mi",
    "min", "minus", "mlabeledtr", "mlongdiv", "mmultiscripts", "mn", "mo", "mode", "moment", "momentabout",
    "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mscarries", "mscarry", "msgroup",
    "msline", "mspace", "msqrt", "msrow", "mstack", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd",
    "mtext", "mtr", "munder", "munderover", "naturalnumbers", "neq", "none", "not", "notanumber", "notin",
    "notprsubset", "notsubset", "or", "otherwise", "outerproduct", "partialdiff", "pi", "piece", "piecewise",
    "plus", "power", "primes", "product", "prsubset", "quotient", "rationals", "real", "reals", "reln", "rem",
    "root", "scalarproduct", "sdev", "sec", "sech", "selector", "semantics", "sep", "set", "setdiff", "share",
    "sin", "sinh", "span", "subset", "sum", "tan", "tanh", "tendsto", "times", "transpose", "true", "union",
    "uplimit", "variance", "vector", "vectorproduct", "xor",
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_names_are_in_order() {
        assert!(super::SVG.is_sorted() && super::MATHML.is_sorted());
    }
}
