//! Which writing system a character belongs to, as coarsely as the rules need it.

/// Writing systems, and the two groups that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
    /// Written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko.
    RightToLeft,
    /// Scripts with joining letters and viramas, from Devanagari to Sinhala, and Tibetan.
    Indic,
    /// Scripts without spaces between words: Thai, Lao, Khmer, Myanmar and their neighbours.
    SouthEastAsian,
    Mongolian,
    Hangul,
    /// Han, Kana and Bopomofo.
    EastAsian,
    Emoji,
    Other,
}

/// The script of a character (blocks of the Unicode standard, which is fine enough here).
pub(crate) const fn script(c: char) -> Script {
    match c as u32 {
        0x41..=0x5a | 0x61..=0x7a | 0xc0..=0x24f | 0x1e00..=0x1eff => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Script::Cyrillic,
        0x530..=0x58f => Script::Armenian,
        0x13a0..=0x13ff | 0xab70..=0xabbf => Script::Cherokee,
        0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefe | 0x10800..=0x10fff | 0x1e900..=0x1eeff => {
            Script::RightToLeft
        }
        0x900..=0xdff | 0xf00..=0xfff | 0xa8e0..=0xa8ff | 0xabc0..=0xabff | 0x11000..=0x11fff => {
            Script::Indic
        }
        0xe00..=0xeff
        | 0x1000..=0x109f
        | 0x1780..=0x17ff
        | 0x1950..=0x1aaf
        | 0x1b00..=0x1bff
        | 0xa9e0..=0xaadf => Script::SouthEastAsian,
        0x1800..=0x18af => Script::Mongolian,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7ff => Script::Hangul,
        0x2e80..=0x303f
        | 0x3040..=0x312f
        | 0x31a0..=0x4dbf
        | 0x4e00..=0x9fff
        | 0xf900..=0xfaff
        | 0x20000..=0x323af => Script::EastAsian,
        0xa9
        | 0xae
        | 0x203c
        | 0x2049
        | 0x2122
        | 0x2139
        | 0x2190..=0x21ff
        | 0x2300..=0x23ff
        | 0x2460..=0x24ff
        | 0x25a0..=0x27bf
        | 0x2900..=0x297f
        | 0x2b00..=0x2bff
        | 0x1f000..=0x1faff => Script::Emoji,
        _ => Script::Other,
    }
}
