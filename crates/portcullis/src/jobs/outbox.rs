//! Sending the mails that wait.

use portcullis_core::Core;
use portcullis_core::mail::{Letter, Mailer};
use portcullis_core::outbox::ClaimedMail;
use portcullis_core::store::StoreError;
use std::time::Duration;

/// How long a claimed mail is nobody else's. A mailer that takes longer may send twice.
const LEASE: Duration = Duration::from_secs(120);
/// How many mails one round takes.
const BATCH: u32 = 20;
/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Sends what is due, and says how many mails were taken.
///
/// Each mail is sent by one replica; one that is not taken is tried again later, with growing pauses.
///
/// # Errors
///
/// When the database failed.
pub async fn deliver(core: &Core, mailer: &dyn Mailer) -> Result<u32, StoreError> {
    let mut sent = 0;
    for claimed in core.store.claim_mails(core.clock.now(), LEASE, BATCH).await? {
        let ClaimedMail { id, to, sealed, created_at, attempts } = claimed;
        let outcome = match core.open_mail(&sealed) {
            Some(mail) => mailer.send(&Letter { to, mail, created_at }).await,
            None => Err("it was written under another SECRET_KEY and cannot be read".to_owned()),
        };
        match outcome {
            Ok(()) => {
                core.store.mail_sent(id).await?;
                sent += 1;
            }
            Err(error) => {
                let pause = pause_after(attempts);
                tracing::warn!(mail = id, attempts = attempts + 1, error, ?pause, "a mail was not taken");
                core.store.mail_failed(id, core.clock.now() + pause).await?;
            }
        }
    }
    Ok(sent)
}

fn pause_after(attempts: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << attempts.min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let pauses = [0, 1, 2, 5, 6, 99].map(|attempts| pause_after(attempts).as_secs());
        assert_eq!(pauses, [60, 120, 240, 1920, 3600, 3600]);
    }
}
