//! Data of a person that open only while their purpose is allowed.

use super::book::Book;
use super::record::{Reason, Use};
use super::sealed::{Pseudonym, open_key};
use crate::crypto::{Context, Keyset};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Entropy;

impl Book {
    /// Seals data of a person for a purpose, under the person's own key: an erasure takes them along.
    ///
    /// # Errors
    /// [`ErrorCode::ConsentRequired`] unless the view allows the purpose or it rests on another ground.
    #[expect(clippy::too_many_arguments, reason = "each part is bound into the seal")]
    pub fn seal_data(
        &self,
        keyset: &Keyset,
        subject: &str,
        purpose_id: &str,
        id: &str,
        key: &[u8],
        plaintext: &[u8],
        now: u64,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>> {
        self.permit(subject, purpose_id, now)?;
        let whose = Pseudonym::of(keyset, subject)?;
        let context = data_context(id, &whose, purpose_id)?;
        open_key(keyset, &whose, key)?.seal(plaintext, &context, entropy)
    }

    /// Opens what [`Book::seal_data`] sealed, as long as the purpose is allowed.
    ///
    /// # Errors
    /// [`ErrorCode::ConsentRequired`] as above; [`ErrorCode::CryptoOpenFailed`] if the bytes were changed, or
    /// sealed for another person, purpose or id.
    #[expect(clippy::too_many_arguments, reason = "each part is bound into the seal")]
    pub fn open_data(
        &self,
        keyset: &Keyset,
        subject: &str,
        purpose_id: &str,
        id: &str,
        key: &[u8],
        sealed: &[u8],
        now: u64,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        self.permit(subject, purpose_id, now)?;
        let whose = Pseudonym::of(keyset, subject)?;
        let context = data_context(id, &whose, purpose_id)?;
        open_key(keyset, &whose, key)?.open(sealed, &context)
    }

    fn permit(&self, subject: &str, purpose_id: &str, now: u64) -> Result<()> {
        match self.decide(subject, purpose_id, &Use::default(), now) {
            Reason::Consented | Reason::NotConsent => Ok(()),
            _ => Err(Error::new(
                ErrorCode::ConsentRequired,
                "consent: the person has not allowed this purpose, ask before using the data",
            )),
        }
    }
}

fn data_context(id: &str, whose: &Pseudonym, purpose_id: &str) -> Result<Context> {
    Context::record("vespera-consent-data/1", id, whose.as_str(), purpose_id)
}
