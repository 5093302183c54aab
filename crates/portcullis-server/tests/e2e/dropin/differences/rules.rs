//! The differences as a reader meets them.

/// One intended difference.
pub struct Rule {
    /// Its name in the table of cases.
    pub id: &'static str,
    /// The chapter of the guide.
    pub area: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What the seed does.
    pub seed: &'static str,
    /// What ours does.
    pub ours: &'static str,
    /// The reason.
    pub why: &'static str,
}

/// What stands above the first chapter.
pub const INTRODUCTION: &str = "\
# Differences from zndraw-auth

Portcullis answers on zndraw-auth's wire: the same paths, fields, status codes and error words, so that a client of zndraw-auth 0.2.3
need not know which of the two it talks to. Where the two differ it is on purpose, and this page is the whole list, for the default
profile `compat`.

The page is written from a table in the tests. One script of several hundred requests is sent to a real zndraw-auth and to a real
Portcullis, and every answer that differs must have its entry here, with the answer that is given instead. The names behind
*Exchanges* are requests of that script. Where none are named, the difference holds for every answer, or another test shows it.
";

const EVERYWHERE: &str = "Every route";
const PASSWORDS: &str = "Passwords and addresses";
const SESSIONS: &str = "Tokens and sessions";
const USERS: &str = "Users";
const DEVICE: &str = "Device login";
const MINTING: &str = "Tokens for somebody else";
const ONE_TIME: &str = "Reset and verification";
const SERVER: &str = "The server";

/// Every intended difference, in the order of the guide.
pub const RULES: &[Rule] = &[
    Rule {
        id: "challenge",
        area: EVERYWHERE,
        title: "A 401 says how to authenticate",
        seed: "sends no `WWW-Authenticate`.",
        ours: "sends `WWW-Authenticate: Bearer` beside the same body.",
        why: "RFC 9110 and RFC 6750 require it; generic clients look for it.",
    },
    Rule {
        id: "no-store",
        area: EVERYWHERE,
        title: "An answer with a token is not to be stored",
        seed: "sends no `Cache-Control`.",
        ours: "sends `Cache-Control: no-store`.",
        why: "RFC 6749 §5.1: a shared cache must not keep credentials.",
    },
    Rule {
        id: "headers",
        area: EVERYWHERE,
        title: "Headers for browsers",
        seed: "sends none.",
        ours: "sends `X-Content-Type-Options`, `Referrer-Policy` and `Content-Security-Policy` as well, and `Cache-Control: no-store` on every answer of the API.",
        why: "What is meant for programs must not be rendered, framed or kept by a browser.",
    },
    Rule {
        id: "input",
        area: EVERYWHERE,
        title: "A validation error does not repeat what was sent",
        seed: "puts the sent value into `input`; when a field is missing that is the whole body, password included.",
        ours: "has the same `type`, `loc`, `msg` and `ctx`, and leaves `input` out wherever it could hold a secret.",
        why: "Error bodies end in logs and bug reports, and passwords must not.",
    },
    Rule {
        id: "parser-words",
        area: EVERYWHERE,
        title: "The words of a parser are its own",
        seed: "passes on the words of Python's JSON and UUID parsers.",
        ours: "has the same `type` and `loc` for `json_invalid` and `uuid_parsing`, with words of its own.",
        why: "They change between versions of the libraries that zndraw-auth stands on.",
    },
    Rule {
        id: "not-text",
        area: EVERYWHERE,
        title: "Text that is no text is refused",
        seed: "answers 500 to half a surrogate pair (`\"\\ud800\"`) in a password or an address.",
        ours: "answers 422.",
        why: "Such a string is not Unicode text; it can be neither hashed nor stored.",
    },
    Rule {
        id: "nul",
        area: EVERYWHERE,
        title: "A NUL character",
        seed: "answers 500 on PostgreSQL where a login or a code holds one.",
        ours: "answers as to any other unknown name or code.",
        why: "It is text that nobody has; PostgreSQL only cannot store it.",
    },
    Rule {
        id: "not-json",
        area: EVERYWHERE,
        title: "`NaN` is not JSON",
        seed: "parses `NaN` and then answers 500 because it cannot repeat it.",
        ours: "answers 422 `json_invalid`.",
        why: "RFC 8259 has no such number.",
    },
    Rule {
        id: "path-spelling",
        area: EVERYWHERE,
        title: "A path is compared as it is written",
        seed: "decodes a path before it looks for the route: `/users/%6de` is `/users/me`, and `%2F` separates.",
        ours: "looks for the route first. `/users/%6de` is a user with the id `me`, whom there cannot be: 403 or 404.",
        why: "A proxy in front decides by the path as written; two readings of one path are how its rules are passed by.",
    },
    Rule {
        id: "redirect",
        area: EVERYWHERE,
        title: "A redirect names a path",
        seed: "redirects a path with a slash at the end to `http://HOST/path`, with the host that the request claims.",
        ours: "redirects with the same status to `/path`.",
        why: "A client that follows it arrives at the same place, and a forged host cannot send anybody elsewhere.",
    },
    Rule {
        id: "body-limit",
        area: EVERYWHERE,
        title: "A body has a largest size",
        seed: "reads bodies of any size into memory.",
        ours: "answers 413 above its limit.",
        why: "A few large requests must not exhaust the server's memory.",
    },
    Rule {
        id: "password-policy",
        area: PASSWORDS,
        title: "A password has to be one",
        seed: "accepts any password, the empty one included.",
        ours: "wants 8 to 256 characters, and none that is on a list of common passwords or is the address itself. \
               The refusal has the shape fastapi-users defines and zndraw-auth never sends: 400 with `code` and `reason`.",
        why: "Short and common passwords are guessed first; very long ones only cost time.",
    },
    Rule {
        id: "hash-parameters",
        area: PASSWORDS,
        title: "New password hashes cost less memory",
        seed: "hashes with argon2id, 64 MiB.",
        ours: "hashes with argon2id, 19 MiB (m=19456, t=2, p=1), and reads both. zndraw-auth replaces such a hash by its own at the next login \
               there; it is not replaced back.",
        why: "The parameters OWASP recommends; many logins at once must not exhaust the memory.",
    },
    Rule {
        id: "stored-hash",
        area: PASSWORDS,
        title: "A stored hash that cannot be read",
        seed: "answers 500 to a login whose hash is of an unknown kind, and to a password over 72 bytes for a bcrypt hash.",
        ours: "answers 400 `LOGIN_BAD_CREDENTIALS`.",
        why: "It is not the client's fault, and nobody else needs to see it.",
    },
    Rule {
        id: "stored-address",
        area: PASSWORDS,
        title: "A stored address that is none",
        seed: "lets the owner of an address such as `admin@zndraw.local` log in and then answers 500 to `GET /users/me`.",
        ours: "shows the address as it is stored. New addresses are held to the rules.",
        why: "The account is there, and its owner cannot mend it without being let in.",
    },
    Rule {
        id: "look-alike",
        area: PASSWORDS,
        title: "Two spellings of one address are one account",
        seed: "keeps full-width letters, and on SQLite the case of letters outside ASCII, as accounts of their own.",
        ours: "refuses letters that only look like others (422 `value_error`), and compares addresses after case folding in every script.",
        why: "Whoever reads the address cannot tell the two apart.",
    },
    Rule {
        id: "own-case",
        area: PASSWORDS,
        title: "Changing the letter case of one's own address",
        seed: "answers 400 `UPDATE_USER_EMAIL_ALREADY_EXISTS`: the address collides with itself.",
        ours: "answers 200; the account stays verified.",
        why: "It is the same address.",
    },
    Rule {
        id: "null",
        area: PASSWORDS,
        title: "`null` where something must be",
        seed: "answers 500.",
        ours: "answers 422.",
        why: "It is the client's mistake.",
    },
    Rule {
        id: "races",
        area: PASSWORDS,
        title: "Registering one address twice at the same moment",
        seed: "answers some of the requests with 500, and two spellings of one address can both win; afterwards neither can log in.",
        ours: "lets exactly one win; the others get 400 `REGISTER_USER_ALREADY_EXISTS`.",
        why: "The rule is kept by the database, not by looking first.",
    },
    Rule {
        id: "token-claims",
        area: SESSIONS,
        title: "An access token belongs to a session",
        seed: "signs `sub`, `aud` and `exp`, and remembers nothing.",
        ours: "signs `iss`, `iat`, `jti` and `sid` as well, and always writes `aud` as a list. PyJWT and fastapi-users accept it with the same secret.",
        why: "Only a token that belongs to something can be ended.",
    },
    Rule {
        id: "logout",
        area: SESSIONS,
        title: "Logging out ends the token",
        seed: "answers 204 and goes on accepting the token.",
        ours: "answers 204, and from then on 401 to that token. A zndraw-auth process that shares the secret knows nothing of it and goes on accepting it.",
        why: "That is what a person expects of it.",
    },
    Rule {
        id: "password-change",
        area: SESSIONS,
        title: "A new password ends the other sessions",
        seed: "keeps every token valid.",
        ours: "ends every session but the one that changed it; all of them when an administrator or a reset changed it.",
        why: "People change a password because somebody else may know it.",
    },
    Rule {
        id: "password-change-beside",
        area: SESSIONS,
        title: "A new password set by a zndraw-auth process on the same database",
        seed: "replaces a hash of Portcullis by one of its own at a login, and by another one when the password is changed.",
        ours: "ends the sessions when a hash is replaced by one with the same parameters, which only a new password does. The first \
               replacement of a hash of ours by the other process ends nothing: it cannot be told from that process's own renewal at a login.",
        why: "Otherwise every first login there would sign people out here.",
    },
    Rule {
        id: "deactivation",
        area: SESSIONS,
        title: "Reactivation does not bring old tokens back",
        seed: "accepts the tokens from before once the account is active again.",
        ours: "ended them when the account was deactivated.",
        why: "Deactivation is often the answer to a stolen token.",
    },
    Rule {
        id: "token-claims-required",
        area: SESSIONS,
        title: "A token ends, and says when",
        seed: "accepts a token without `exp`, which never ends, and times written as text; a list as `exp` is a 500.",
        ours: "wants `exp`, and times as whole numbers; anything else is 401.",
        why: "A token that never ends cannot be lost safely. Neither zndraw-auth nor ZnDraw make such tokens.",
    },
    Rule {
        id: "token-header",
        area: SESSIONS,
        title: "A token's header is read",
        seed: "ignores `crit` with its locked dependencies and refuses it with newer ones, and takes any `kid`.",
        ours: "answers 401 to any `crit`, and to a `kid` that is no text.",
        why: "RFC 7515 §4.1.11: what must be understood and is not ends the check.",
    },
    Rule {
        id: "token-strict",
        area: SESSIONS,
        title: "One token, one spelling",
        seed: "takes a signature with padding, and of a claim written twice the last.",
        ours: "answers 401 to both.",
        why: "RFC 7515 §2 and RFC 7519 §4: neither is a valid token, and two readers could understand two things.",
    },
    Rule {
        id: "legacy",
        area: SESSIONS,
        title: "Tokens that zndraw-auth made",
        seed: "accepts any token under its secret.",
        ours: "accepts a token without a session only after it took over a database with accounts, for one token lifetime; \
               longer with `PORTCULLIS_ALLOW_LEGACY_TOKENS_UNTIL`. On a database of its own: 401.",
        why: "The move is seamless, and afterwards a token is only what this server made.",
    },
    Rule {
        id: "two-credentials",
        area: SESSIONS,
        title: "Two `Authorization` headers",
        seed: "takes the first.",
        ours: "answers 400.",
        why: "A proxy in front may have looked at the other one.",
    },
    Rule {
        id: "last-superuser",
        area: USERS,
        title: "The last superuser stays",
        seed: "lets the last superuser demote, deactivate or delete itself.",
        ours: "answers 409 `LAST_SUPERUSER`.",
        why: "Nobody could administer the accounts afterwards.",
    },
    Rule {
        id: "dependents",
        area: USERS,
        title: "Deleting a user whom other tables refer to",
        seed: "answers 500 on PostgreSQL, also for everybody who ever approved a device login; on SQLite it leaves dangling references.",
        ours: "clears zndraw-auth's device-login rows of the user in the same transaction; if a table of the host still refers to the user, \
               it answers 409 `USER_HAS_DEPENDENTS` and names the table.",
        why: "The host decides what happens to its rows.",
    },
    Rule {
        id: "zndraw-routes",
        area: USERS,
        title: "Routes that zndraw-auth does not have",
        seed: "has neither a list of users nor guests; ZnDraw adds both itself.",
        ours: "serves `GET /admin/users`, `PATCH` and `DELETE /admin/users/{id}`, and `POST /auth/guest` (404 unless guests are allowed); \
               and of its own `POST /auth/login`, `/auth/refresh` and `/auth/logout` for sessions that are refreshed, `GET` and `DELETE` of \
               `/auth/sessions`, `GET /admin/audit`, `/healthz` and `/readyz`.",
        why: "ZnDraw's clients need the first, users the second, operators the rest.",
    },
    Rule {
        id: "documentation",
        area: USERS,
        title: "The explorer of the API",
        seed: "serves `/docs` and `/redoc`, which load their programs from elsewhere.",
        ours: "serves `/docs` from itself, and no `/redoc`. `/openapi.json` describes the answers that are really given.",
        why: "A page that sees passwords must not run what a third party sends.",
    },
    Rule {
        id: "current-password",
        area: USERS,
        title: "The present password",
        seed: "ignores a `current_password` beside a change of one's own account.",
        ours: "checks it when it is there, and answers 400 `UPDATE_USER_CURRENT_PASSWORD_INVALID` to a wrong one.",
        why: "A client that asks for it means it.",
    },
    Rule {
        id: "sample-route",
        area: USERS,
        title: "The sample route",
        seed: "`/protected` is part of the quick start of its README.",
        ours: "does not serve it; the example `protected` does.",
        why: "It is the host's route.",
    },
    Rule {
        id: "device-decided",
        area: DEVICE,
        title: "Who may take back an approval",
        seed: "lets any account, a guest included, reject anybody's login in any state, and deletes the row.",
        ours: "lets anybody decide over a pending login, and only the approver take an approval back, until it is redeemed. \
               Everybody else, and everybody afterwards, gets 404 `Challenge not found`.",
        why: "A stranger must not be able to break a login or erase its traces.",
    },
    Rule {
        id: "device-redeem",
        area: DEVICE,
        title: "The token is made when it is fetched",
        seed: "makes the token at the approval, stores it in clear, and hands it out even if the account was deactivated or deleted meanwhile.",
        ours: "makes it at redemption, if the approver may still sign in; otherwise 404. Nothing secret is stored. Of polls at the same moment one wins.",
        why: "A database must not hold anything one can log in with.",
    },
    Rule {
        id: "device-alphabet",
        area: DEVICE,
        title: "The letters of a code",
        seed: "draws eight of 36 letters and digits.",
        ours: "draws eight of 20 consonants.",
        why: "No digit looks like a letter, and no code is a word.",
    },
    Rule {
        id: "device-postgres",
        area: DEVICE,
        title: "Device login on PostgreSQL",
        seed: "answers 500 with asyncpg, and keeps the time of the database's zone with psycopg.",
        ours: "works, and counts time as such.",
        why: "It is the database that ZnDraw is deployed with.",
    },
    Rule {
        id: "device-kept",
        area: DEVICE,
        title: "What becomes of old logins",
        seed: "keeps expired ones for ever, and deletes rejected ones.",
        ours: "keeps each for 30 days, whatever became of it, without anything secret.",
        why: "They are evidence for a while, and then only weight.",
    },
    Rule {
        id: "device-beside",
        area: DEVICE,
        title: "Two processes on one database",
        seed: "keeps its logins in the table `cliloginchallenge`.",
        ours: "keeps them in a table of its own: a login that was started at one of the two is finished there.",
        why: "That table holds tokens and secrets in clear.",
    },
    Rule {
        id: "device-own-approval",
        area: DEVICE,
        title: "A device does not approve the next one",
        seed: "lets a token from a device login approve further ones, for ever.",
        ours: "answers 403.",
        why: "A stolen device token could renew itself without end.",
    },
    Rule {
        id: "mint-lifetime",
        area: MINTING,
        title: "A minted token is short",
        seed: "gives it the lifetime of every token.",
        ours: "gives it 15 minutes (`PORTCULLIS_MINT_LIFETIME_SECONDS`), and adds `act` (RFC 8693) to `impersonated_by`.",
        why: "It is made for one errand.",
    },
    Rule {
        id: "mint-target",
        area: MINTING,
        title: "Not for oneself, not for another superuser",
        seed: "mints for anybody.",
        ours: "answers 403.",
        why: "Nobody gains rights by it, and acting as an equal only hides who did it.",
    },
    Rule {
        id: "mint-limits",
        area: MINTING,
        title: "A minted token does not change who the user is",
        seed: "lets it do everything the user can: change password and address, approve device logins, mint further tokens.",
        ours: "answers 403 to changes of the account, device decisions, deletion and minting.",
        why: "Acting for somebody is not becoming them; and the name of the superuser would be lost on the way.",
    },
    Rule {
        id: "mint-end",
        area: MINTING,
        title: "A minted token ends with the rights of its maker",
        seed: "keeps it valid when the superuser is demoted or logs out, and after its own logout.",
        ours: "answers 401.",
        why: "The right to act for others was the superuser's.",
    },
    Rule {
        id: "one-time-secret",
        area: ONE_TIME,
        title: "Reset and verify tokens are not signed texts",
        seed: "makes JWTs under two more secrets with published defaults; whoever knows those can make valid ones.",
        ours: "draws random values that work once; a newer one replaces the older. \
               `ZNDRAW_AUTH_RESET_PASSWORD_TOKEN_SECRET` and `ZNDRAW_AUTH_VERIFICATION_TOKEN_SECRET` are read and ignored.",
        why: "There is no secret to forget to set, and a used token is gone.",
    },
    Rule {
        id: "mails",
        area: ONE_TIME,
        title: "Mails are written",
        seed: "makes the tokens and tells nobody.",
        ours: "puts a mail into its outbox, and one more to the old address when the address or the password was changed. A host sends them.",
        why: "A token that reaches nobody resets nothing.",
    },
    Rule {
        id: "limits",
        area: SERVER,
        title: "Too many tries",
        seed: "has no limits.",
        ours: "answers 429 with `Retry-After` on logging in, registering, forgotten passwords and wrong codes. \
               A poll with the right secret is never limited: the command-line tool would give up.",
        why: "Passwords and codes must not be guessed by trying.",
    },
    Rule {
        id: "busy",
        area: SERVER,
        title: "More logins than the machine can hash",
        seed: "answers nothing else while it hashes.",
        ours: "hashes on threads of their own, and answers 503 with `Retry-After` when the queue is full or a request waited for five seconds.",
        why: "A storm of logins must not stop everything else.",
    },
    Rule {
        id: "dev-mode",
        area: SERVER,
        title: "Without an administrator",
        seed: "makes everybody a superuser, wherever it listens and under a published secret.",
        ours: "does so only on a loopback address with a local SQLite file, under a random secret, and says so; otherwise it does not start.",
        why: "A forgotten variable must not open a server to the world.",
    },
    Rule {
        id: "default-admin",
        area: SERVER,
        title: "The configured administrator",
        seed: "promotes whoever registered the address first, with the password they chose; an address without a password means nobody is superuser.",
        ours: "does not start in either case, nor with an address that could not register, such as `admin@zndraw.local`, and says what to do. \
               A verified owner of the address is promoted, and another letter case of it is the same account.",
        why: "Registration is open before the administrator is configured.",
    },
    Rule {
        id: "secret",
        area: SERVER,
        title: "The secret key",
        seed: "runs with a default that is published.",
        ours: "does not start without a key, with a published one, or with one below 32 bytes.",
        why: "Whoever knows the key is everybody.",
    },
    Rule {
        id: "lifetime",
        area: SERVER,
        title: "A lifetime of zero",
        seed: "makes tokens that never end out of zero, and dead ones out of a negative number.",
        ours: "does not start with either.",
        why: "Both are mistakes that show late.",
    },
];
