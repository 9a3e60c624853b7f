//! The words of SQL dialects, and what each is to the grammar.

use super::super::words::Words;

/// What a token is, as one letter of a fingerprint.
pub(super) type Class = u8;

pub(super) const NUMBER: Class = b'1';
pub(super) const STRING: Class = b's';
/// A string whose closing quote is missing: the host's query closes it.
pub(super) const OPEN: Class = b'q';
pub(super) const NAME: Class = b'n';
pub(super) const VARIABLE: Class = b'v';
/// A function with its arguments.
pub(super) const CALL: Class = b'f';
/// A function that hardly anything but an attack calls.
pub(super) const STRONG_CALL: Class = b'F';
/// A statement's verb.
pub(super) const VERB: Class = b'E';
/// A SELECT behind a parenthesis.
pub(super) const SUBSELECT: Class = b'S';
pub(super) const UNION: Class = b'U';
/// ORDER BY, GROUP BY, HAVING, LIMIT, PROCEDURE, INTO OUTFILE.
pub(super) const CLAUSE: Class = b'B';
/// AND, OR, XOR and their signs.
pub(super) const LOGIC: Class = b'&';
pub(super) const COMPARE: Class = b'=';
pub(super) const OPERATOR: Class = b'o';
pub(super) const KEYWORD: Class = b'k';
pub(super) const COMMA: Class = b',';
pub(super) const SEMICOLON: Class = b';';
pub(super) const COMMENT: Class = b'c';
pub(super) const LEFT: Class = b'(';
pub(super) const RIGHT: Class = b')';
/// NOT, BINARY, DISTINCT, ALL: folded away in front of an operand.
pub(super) const UNARY: Class = b'u';
/// Anything that is no SQL.
pub(super) const OTHER: Class = b'?';

/// Words that are the same in every position.
static WORDS: &[(Class, Words)] = &[
    (UNARY, Words::new(&["all", "binary", "distinct", "distinctrow", "exists", "not"])),
    (
        VERB,
        Words::new(&[
            "alter", "backup", "create", "dbcc", "declare", "delete", "drop", "exec", "execute", "goto",
            "grant", "handler", "insert", "print", "select", "shutdown", "truncate", "update", "waitfor",
        ]),
    ),
    (LOGIC, Words::new(&["and", "or", "xor"])),
    (
        KEYWORD,
        Words::new(&[
            "as", "asc", "begin", "by", "case", "cross", "database", "desc", "else", "end", "for", "from",
            "into", "join", "minus", "natural", "offset", "on", "outfile", "set", "table", "then", "top",
            "using", "values", "when", "where", "while",
        ]),
    ),
    (
        COMPARE,
        Words::new(&[
            "between", "glob", "in", "is", "isnull", "like", "notnull", "regexp", "rlike", "similar",
            "sounds",
        ]),
    ),
    (OPERATOR, Words::new(&["collate", "div", "mod"])),
    (UNION, Words::new(&["except", "intersect", "union"])),
    (NUMBER, Words::new(&["false", "null", "true", "unknown"])),
    (CLAUSE, Words::new(&["group", "having", "limit", "order", "procedure"])),
];

/// Functions of SQL that also exist elsewhere, in order: only a call of them counts.
static CALLS: Words = Words::new(&[
    "abs",
    "acos",
    "ascii",
    "asin",
    "atan",
    "avg",
    "bin",
    "bit_and",
    "cast",
    "ceil",
    "ceiling",
    "char",
    "char_length",
    "character_length",
    "chr",
    "coalesce",
    "compress",
    "concat",
    "connection_id",
    "conv",
    "convert",
    "cos",
    "cot",
    "count",
    "crc32",
    "curdate",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "database",
    "date_add",
    "date_format",
    "day",
    "db_name",
    "decode",
    "degrees",
    "encode",
    "exp",
    "field",
    "floor",
    "format",
    "getdate",
    "greatest",
    "hex",
    "host_name",
    "if",
    "ifnull",
    "iif",
    "initcap",
    "insert",
    "instr",
    "isnull",
    "last_insert_id",
    "lcase",
    "least",
    "left",
    "len",
    "length",
    "like",
    "locate",
    "log",
    "lower",
    "lpad",
    "ltrim",
    "max",
    "md5",
    "mid",
    "min",
    "now",
    "nullif",
    "nvl",
    "octet_length",
    "ord",
    "password",
    "pi",
    "position",
    "pow",
    "power",
    "quote",
    "radians",
    "rand",
    "random",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "row",
    "row_count",
    "rpad",
    "rtrim",
    "schema",
    "session_user",
    "sha",
    "sha1",
    "sha2",
    "sign",
    "sin",
    "sleep",
    "soundex",
    "space",
    "sqrt",
    "strcmp",
    "stuff",
    "substr",
    "substring",
    "sum",
    "suser_name",
    "sysdate",
    "system_user",
    "tan",
    "to_char",
    "trim",
    "ucase",
    "unicode",
    "upper",
    "user",
    "user_name",
    "utc_date",
    "uuid",
    "version",
    "year",
]);

/// Functions and procedures that serve extraction, delay or access to the machine, in order.
static STRONG: Words = Words::new(&[
    "aes_decrypt",
    "aes_encrypt",
    "analyse",
    "benchmark",
    "concat_ws",
    "dbms_lock",
    "dbms_pipe",
    "elt",
    "exp",
    "extractvalue",
    "find_in_set",
    "group_concat",
    "json_keys",
    "lo_import",
    "load_extension",
    "load_file",
    "make_set",
    "object_id",
    "openrowset",
    "pg_read_file",
    "pg_sleep",
    "randomblob",
    "serverproperty",
    "sp_executesql",
    "sp_makewebtask",
    "sp_oacreate",
    "sqlite_compileoption_get",
    "sqlite_version",
    "to_base64",
    "unhex",
    "updatexml",
    "utl_http",
    "utl_inaddr",
    "xmltype",
    "xp_cmdshell",
    "xp_dirtree",
    "xp_regread",
]);

/// Catalogs and variables that hold a database's own structure, in order.
static CATALOGS: Words = Words::new(&[
    "all_tab_tables",
    "all_tables",
    "all_users",
    "information_schema",
    "msysobjects",
    "mysql",
    "pg_catalog",
    "pg_shadow",
    "pg_user",
    "rdb",
    "sqlite_master",
    "syscolumns",
    "sysibm",
    "sysobjects",
    "sysusers",
]);

/// What a word is, by its lower-case form.
pub(super) fn class(word: &str, called: bool) -> Class {
    if called && STRONG.has(word) {
        return STRONG_CALL;
    }
    match WORDS.iter().find(|(_, words)| words.has(word)) {
        Some((KEYWORD, _)) | None if called && CALLS.has(word) => CALL,
        Some((class, _)) => *class,
        None => NAME,
    }
}

/// Whether a word is a procedure, function or catalog that no ordinary value is.
pub(super) fn is_probe(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "information_schema",
        "msysaccessobjects",
        "msysobjects",
        "openrowset",
        "pg_catalog",
        "sp_password",
        "sqlite_master",
        "utl_http",
    ];
    NAMES.contains(&word) || word.strip_prefix("xp_").is_some_and(|name| name.len() > 4)
}

/// Whether a name belongs to a database's own structure.
pub(super) fn is_catalog(word: &str) -> bool {
    CATALOGS.has(word)
}

/// Whether a name is a procedure or function that serves attacks, called or not.
pub(super) fn is_strong(word: &str) -> bool {
    STRONG.has(word) && word.contains('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        assert!(WORDS.iter().all(|(_, words)| words.is_sorted()));
        assert!([&CALLS, &STRONG, &CATALOGS].iter().all(|words| words.is_sorted()));
    }

    #[test]
    fn a_function_is_one_only_when_called() {
        assert_eq!((class("sleep", true), class("sleep", false)), (CALL, NAME));
        assert_eq!(class("benchmark", true), STRONG_CALL);
        assert_eq!(class("union", false), UNION);
    }
}
