//! National identity numbers, by their check digits.
//!
//! A bare run of digits satisfies some check by chance: a number counts only in its country's notation, with
//! letters in it, or beside the word that names it.

/// How a number is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// The form alone is telling: letters, or separators in their places.
    Form,
    /// One of these words must stand near, in lower case.
    Word(&'static [&'static str]),
}

/// One country's number.
#[derive(Debug)]
pub(super) struct Id {
    pub(super) country: &'static str,
    /// `9` a digit, `A` a letter, `*` either, anything else itself.
    pub(super) shape: &'static str,
    pub(super) needs: Needs,
    pub(super) valid: fn(&[u8]) -> bool,
}

const fn id(country: &'static str, shape: &'static str, needs: Needs, valid: fn(&[u8]) -> bool) -> Id {
    Id { country, shape, needs, valid }
}

/// The numbers that are known. `valid` gets digits and letters without separators, in capitals.
pub(super) const IDS: &[Id] = &[
    id("AU", "999 999 999", Needs::Word(&["tfn", "tax file"]), tfn),
    id("BE", "99.99.99-999.99", Needs::Form, belgium),
    id("BR", "999.999.999-99", Needs::Form, cpf),
    id("BR", "99999999999", Needs::Word(&["cpf"]), cpf),
    id("CA", "999-999-999", Needs::Word(&["sin", "social insurance"]), luhn),
    id("CA", "999 999 999", Needs::Word(&["sin", "social insurance"]), luhn),
    id("CH", "756.9999.9999.99", Needs::Form, ahv),
    id("CN", "99999999999999999*", Needs::Form, china),
    id("DE", "99999999999", Needs::Word(&["steuer", "tax id", "idnr"]), germany),
    id("ES", "99999999A", Needs::Form, dni),
    id("ES", "A9999999A", Needs::Form, nie),
    id("FI", "999999-999*", Needs::Form, hetu),
    id("FI", "999999A999*", Needs::Form, hetu),
    id("FR", "9 99 99 99 999 999 99", Needs::Form, nir),
    id("FR", "999999999999999", Needs::Form, nir),
    id("GB", "999 999 9999", Needs::Word(&["nhs"]), nhs),
    id("GB", "9999999999", Needs::Word(&["nhs"]), nhs),
    id("GB", "AA 99 99 99 A", Needs::Form, nino),
    id("GB", "AA999999A", Needs::Form, nino),
    id("IN", "9999 9999 9999", Needs::Word(&["aadhaar", "aadhar", "uid"]), aadhaar),
    id("IT", "AAAAAA99A99A999A", Needs::Form, codice_fiscale),
    id("NL", "999999999", Needs::Word(&["bsn", "burgerservice", "sofi"]), bsn),
    id("NO", "99999999999", Needs::Word(&["fødselsnummer", "fodselsnummer", "fnr", "personnummer"]), norway),
    id("NO", "999999 99999", Needs::Word(&["fødselsnummer", "fodselsnummer", "fnr", "personnummer"]), norway),
    id("PL", "99999999999", Needs::Word(&["pesel"]), pesel),
    id("PT", "999999999", Needs::Word(&["nif", "contribuinte"]), nif),
    id("SE", "999999-9999", Needs::Form, sweden),
    id("SE", "99999999-9999", Needs::Form, sweden),
    id("TR", "99999999999", Needs::Word(&["tckn", "t.c.", "kimlik"]), tckn),
    id("US", "999-99-9999", Needs::Form, ssn),
];

/// The value of a digit; letters count from 10.
fn value(byte: u8) -> u32 {
    (byte as char).to_digit(36).unwrap_or(0)
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(value(*digit)))
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| value(*digit) * weight).sum()
}

fn last(digits: &[u8]) -> u32 {
    digits.last().map_or(99, |digit| value(*digit))
}

fn day_and_month(day: u32, month: u32) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

fn pair(digits: &[u8], from: usize) -> u32 {
    digits.get(from..from + 2).map_or(0, |two| number(two) as u32)
}

/// Luhn (ISO/IEC 7812-1).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = value(*digit) * if place % 2 == 1 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != b'0')
}

fn tfn(digits: &[u8]) -> bool {
    weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

fn belgium(digits: &[u8]) -> bool {
    let (body, check) =
        (number(digits.get(..9).unwrap_or_default()), number(digits.get(9..).unwrap_or_default()));
    day_and_month(pair(digits, 4), pair(digits, 2))
        && (97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check)
}

fn cpf(digits: &[u8]) -> bool {
    let check = |count: u32| {
        let sum: u32 =
            digits.iter().zip((2..=count).rev()).map(|(digit, weight)| value(*digit) * weight).sum();
        (sum * 10 % 11) % 10
    };
    let same = digits.windows(2).all(|two| matches!(two, [a, b] if a == b));
    !same && check(10) == digits.get(9).map_or(99, |digit| value(*digit)) && check(11) == last(digits)
}

fn ahv(digits: &[u8]) -> bool {
    let sum = weighted(digits.get(..12).unwrap_or_default(), &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    (10 - sum % 10) % 10 == last(digits)
}

/// GB 11643 (ISO 7064, MOD 11-2).
fn china(digits: &[u8]) -> bool {
    let sum = weighted(
        digits.get(..17).unwrap_or_default(),
        &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    );
    let check = b"10X98765432".get((sum % 11) as usize).copied();
    let year = number(digits.get(6..10).unwrap_or_default());
    check == digits.last().copied()
        && (1900..2100).contains(&year)
        && day_and_month(pair(digits, 12), pair(digits, 10))
}

/// ISO 7064, MOD 11,10; one digit occurs twice or three times.
fn germany(digits: &[u8]) -> bool {
    let mut product = 10;
    for digit in digits.get(..10).unwrap_or_default() {
        let sum = (value(*digit) + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    digits.first() != Some(&b'0') && (11 - product) % 10 == last(digits)
}

const DNI: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn dni(digits: &[u8]) -> bool {
    let body = number(digits.get(..8).unwrap_or_default());
    DNI.get((body % 23) as usize) == digits.last()
}

fn nie(digits: &[u8]) -> bool {
    let first = match digits.first() {
        Some(b'X') => 0,
        Some(b'Y') => 1,
        Some(b'Z') => 2,
        _ => return false,
    };
    DNI.get(((first * 10_000_000 + number(digits.get(1..8).unwrap_or_default())) % 23) as usize)
        == digits.last()
}

fn hetu(digits: &[u8]) -> bool {
    let (date, tail) = (
        digits.get(..6).unwrap_or_default(),
        digits.get(digits.len().saturating_sub(4)..).unwrap_or_default(),
    );
    let body = number(date) * 1_000 + number(tail.get(..3).unwrap_or_default());
    day_and_month(pair(digits, 0), pair(digits, 2))
        && b"0123456789ABCDEFHJKLMNPRSTUVWXY".get((body % 31) as usize) == digits.last()
        && digits.get(6).is_none_or(|century| digits.len() == 10 || b"ABCDEFUVWXY".contains(century))
}

fn nir(digits: &[u8]) -> bool {
    let body = number(digits.get(..13).unwrap_or_default());
    matches!(digits.first(), Some(b'1' | b'2'))
        && (1..=12).contains(&pair(digits, 3))
        && 97 - body % 97 == number(digits.get(13..).unwrap_or_default())
}

fn nhs(digits: &[u8]) -> bool {
    let sum = weighted(digits.get(..9).unwrap_or_default(), &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 11 == last(digits)
}

/// Has no check digit: the letters that are never given are the check.
fn nino(digits: &[u8]) -> bool {
    let prefix = digits.get(..2).unwrap_or_default();
    let never = prefix.iter().any(|letter| b"DFIQUV".contains(letter))
        || prefix.get(1) == Some(&b'O')
        || [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].iter().any(|pair| pair.as_slice() == prefix);
    !never && digits.last().is_some_and(|letter| b"ABCD".contains(letter))
}

/// Verhoeff (1969), by the products and powers of the dihedral group of order ten.
fn aadhaar(digits: &[u8]) -> bool {
    const POWERS: [[u32; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let check = digits.iter().rev().enumerate().fold(0, |check, (place, digit)| {
        product(
            check,
            POWERS.get(place % 8).and_then(|row| row.get(value(*digit) as usize)).copied().unwrap_or(0),
        )
    });
    check == 0 && !matches!(digits.first(), Some(b'0' | b'1'))
}

fn codice_fiscale(digits: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let place = |byte: u8| {
        if byte.is_ascii_digit() { usize::from(byte - b'0') } else { usize::from(byte.saturating_sub(b'A')) }
    };
    let sum: u32 =
        digits
            .iter()
            .take(15)
            .enumerate()
            .map(|(index, byte)| {
                if index % 2 == 0 { ODD.get(place(*byte)).copied().unwrap_or(0) } else { place(*byte) as u32 }
            })
            .sum();
    digits.last().is_some_and(|letter| u32::from(letter.saturating_sub(b'A')) == sum % 26)
}

fn bsn(digits: &[u8]) -> bool {
    let sum = weighted(digits.get(..8).unwrap_or_default(), &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum > 0 && sum % 11 == last(digits)
}

fn norway(digits: &[u8]) -> bool {
    let first = (11 - weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
    let second = (11 - weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    day_and_month(pair(digits, 0) % 40, pair(digits, 2) % 40)
        && digits.get(9).map_or(99, |digit| value(*digit)) == first
        && last(digits) == second
}

fn pesel(digits: &[u8]) -> bool {
    let sum = weighted(digits.get(..10).unwrap_or_default(), &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    (10 - sum % 10) % 10 == last(digits) && day_and_month(pair(digits, 4), pair(digits, 2) % 20)
}

fn nif(digits: &[u8]) -> bool {
    let rest = weighted(digits.get(..8).unwrap_or_default(), &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    last(digits) == if rest < 2 { 0 } else { 11 - rest }
}

fn sweden(digits: &[u8]) -> bool {
    let ten = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    day_and_month(pair(ten, 4) % 60, pair(ten, 2)) && luhn(ten)
}

fn tckn(digits: &[u8]) -> bool {
    let odd: u32 = digits.iter().take(9).step_by(2).map(|digit| value(*digit)).sum();
    let even: u32 = digits.iter().skip(1).take(8).step_by(2).map(|digit| value(*digit)).sum();
    let tenth = (odd * 7 + 100 - even) % 10;
    let all: u32 = digits.iter().take(10).map(|digit| value(*digit)).sum();
    digits.first() != Some(&b'0')
        && digits.get(9).map_or(99, |digit| value(*digit)) == tenth
        && all % 10 == last(digits)
}

/// Has no check digit: the areas, groups and serials that are never given are the check.
fn ssn(digits: &[u8]) -> bool {
    let (area, group, serial) = (
        number(digits.get(..3).unwrap_or_default()),
        pair(digits, 3),
        number(digits.get(5..).unwrap_or_default()),
    );
    area != 0
        && area != 666
        && area < 900
        && group != 0
        && serial != 0
        && digits != b"123456789"
        && digits != b"078051120"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published examples: the authorities' own, or the articles on each number's check digit.
    #[test]
    fn published_examples_pass_and_a_changed_digit_fails() {
        type Case = (fn(&[u8]) -> bool, &'static str);
        let cases: &[Case] = &[
            (luhn, "4111111111111111"),
            (luhn, "046454286"),
            (tfn, "876543210"),
            (cpf, "52998224725"),
            (ahv, "7569217076985"),
            (china, "11010519491231002X"),
            (germany, "86095742719"),
            (dni, "12345678Z"),
            (nie, "X1234567L"),
            (hetu, "131052308T"),
            (nhs, "9434765919"),
            (aadhaar, "234123412346"),
            (codice_fiscale, "RSSMRA85T10A562S"),
            (bsn, "111222333"),
            (pesel, "44051401359"),
            (sweden, "8112189876"),
            (tckn, "10000000146"),
            (belgium, "85073003328"),
            (nir, "255081416802538"),
        ];
        for (valid, example) in cases {
            assert!(valid(example.as_bytes()), "{example}");
            let mut changed = example.as_bytes().to_vec();
            let middle = changed.len() - 2;
            changed[middle] = if changed[middle] == b'9' { b'8' } else { changed[middle] + 1 };
            assert!(!valid(&changed), "{example} changed");
        }
        assert!(nino(b"AB123456C") && !nino(b"DF123456C") && ssn(b"536904399") && !ssn(b"666904399"));
    }
}
