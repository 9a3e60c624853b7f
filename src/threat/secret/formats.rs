//! The formats of providers: prefix, alphabet, length, and a checksum where one exists.
//!
//! Prefixes and lengths are those the providers document or that their tokens show; no value is stored here.

use super::super::finding::{Rule, Severity, ThreatType};

/// The characters of a token behind its prefix.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alphabet {
    /// Lower-case hexadecimal digits.
    Hex,
    /// Letters and digits.
    Alnum,
    /// Capital letters and digits.
    Upper,
    /// Letters, digits, `_` and `-`.
    Word,
    /// As `Word`, with `.`, `+`, `/`, `=`, `~` and `:`.
    Text,
}

impl Alphabet {
    pub(super) const fn has(self, byte: u8) -> bool {
        match self {
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Text => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b'~' | b':')
            }
        }
    }
}

/// How a token proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// By its form alone.
    None,
    /// The last six characters are the CRC-32 of those before them, in base 62 (GitHub, npm).
    Crc32,
}

/// A provider's format.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) rule: Rule,
    pub(super) prefix: &'static str,
    pub(super) alphabet: Alphabet,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) check: Check,
}

macro_rules! formats {
    ($($id:literal, $name:literal, $prefix:literal, $alphabet:ident, $least:literal..=$most:literal $(, $check:ident)?;)+) => {
        pub(super) static FORMATS: &[Format] = &[$(Format {
            rule: Rule::new(
                concat!("secret.", $id),
                ThreatType::Secret,
                Severity::Critical,
                "CWE-798",
                concat!($name, " stands in the text"),
            ),
            prefix: $prefix,
            alphabet: Alphabet::$alphabet,
            least: $least,
            most: $most,
            check: formats!(@check $($check)?),
        },)+];
    };
    (@check) => { Check::None };
    (@check $check:ident) => { Check::$check };
}

formats! {
    "adafruit", "an Adafruit IO key", "aio_", Alnum, 28..=28;
    "age", "an age secret key", "AGE-SECRET-KEY-1", Upper, 58..=58;
    "alibaba", "an Alibaba Cloud access key", "LTAI", Alnum, 16..=26;
    "anthropic", "an Anthropic API key", "sk-ant-", Word, 80..=120;
    "artifactory", "an Artifactory API key", "AKCp", Alnum, 69..=69;
    "atlassian", "an Atlassian API token", "ATATT3", Text, 60..=300;
    "atlassian_access", "an Atlassian access token", "ATCTT3", Text, 60..=300;
    "aws_access_key", "an AWS access key", "AKIA", Upper, 16..=16;
    "aws_session_key", "an AWS session key", "ASIA", Upper, 16..=16;
    "bitbucket", "a Bitbucket app password", "ATBB", Alnum, 28..=40;
    "brevo", "a Brevo API key", "xkeysib-", Word, 70..=90;
    "brevo_smtp", "a Brevo SMTP key", "xsmtpsib-", Word, 70..=90;
    "buildkite", "a Buildkite token", "bkua_", Hex, 40..=40;
    "circleci", "a CircleCI token", "CCIPAT_", Word, 40..=80;
    "clojars", "a Clojars token", "CLOJARS_", Hex, 60..=60;
    "contentful", "a Contentful token", "CFPAT-", Word, 43..=43;
    "databricks", "a Databricks token", "dapi", Hex, 32..=34;
    "digitalocean", "a DigitalOcean token", "dop_v1_", Hex, 64..=64;
    "digitalocean_oauth", "a DigitalOcean OAuth token", "doo_v1_", Hex, 64..=64;
    "digitalocean_refresh", "a DigitalOcean refresh token", "dor_v1_", Hex, 64..=64;
    "docker", "a Docker Hub token", "dckr_pat_", Word, 27..=27;
    "docker_org", "a Docker organisation token", "dckr_oat_", Word, 32..=32;
    "doppler", "a Doppler token", "dp.pt.", Alnum, 40..=44;
    "doppler_service", "a Doppler service token", "dp.st.", Text, 40..=80;
    "duffel", "a Duffel token", "duffel_live_", Word, 43..=43;
    "dynatrace", "a Dynatrace token", "dt0c01.", Text, 80..=96;
    "easypost", "an EasyPost key", "EZAK", Alnum, 54..=54;
    "figma", "a Figma token", "figd_", Word, 40..=60;
    "flutterwave", "a Flutterwave secret key", "FLWSECK-", Word, 32..=40;
    "fly", "a Fly.io token", "fo1_", Word, 43..=43;
    "frameio", "a Frame.io token", "fio-u-", Word, 64..=64;
    "github", "a GitHub personal token", "ghp_", Alnum, 36..=36, Crc32;
    "github_app", "a GitHub app token", "ghs_", Alnum, 36..=36, Crc32;
    "github_fine", "a GitHub fine-grained token", "github_pat_", Word, 82..=82;
    "github_oauth", "a GitHub OAuth token", "gho_", Alnum, 36..=36, Crc32;
    "github_refresh", "a GitHub refresh token", "ghr_", Alnum, 36..=76;
    "github_user", "a GitHub user token", "ghu_", Alnum, 36..=36, Crc32;
    "gitlab", "a GitLab personal token", "glpat-", Text, 20..=64;
    "gitlab_deploy", "a GitLab deploy token", "gldt-", Word, 20..=64;
    "gitlab_runner", "a GitLab runner token", "glrt-", Text, 20..=64;
    "gitlab_trigger", "a GitLab trigger token", "glptt-", Hex, 40..=40;
    "google_api", "a Google API key", "AIza", Word, 35..=35;
    "google_oauth", "a Google OAuth client secret", "GOCSPX-", Word, 28..=28;
    "google_access", "a Google access token", "ya29.", Word, 60..=400;
    "grafana", "a Grafana service token", "glsa_", Word, 41..=41;
    "grafana_cloud", "a Grafana Cloud token", "glc_", Text, 60..=400;
    "groq", "a Groq API key", "gsk_", Alnum, 52..=52;
    "heroku", "a Heroku API key", "HRKU-AA", Word, 50..=70;
    "hubspot", "a HubSpot token", "pat-na1-", Word, 36..=36;
    "huggingface", "a Hugging Face token", "hf_", Alnum, 34..=40;
    "infracost", "an Infracost key", "ico-", Alnum, 32..=32;
    "langsmith", "a LangSmith key", "lsv2_", Word, 40..=50;
    "linear", "a Linear API key", "lin_api_", Alnum, 40..=40;
    "mailgun", "a Mailgun key", "key-", Hex, 32..=32;
    "mapbox", "a Mapbox secret token", "sk.eyJ", Text, 60..=200;
    "netlify", "a Netlify token", "nfp_", Alnum, 36..=40;
    "newrelic", "a New Relic key", "NRAK-", Upper, 27..=27;
    "notion", "a Notion token", "ntn_", Alnum, 43..=50;
    "npm", "an npm token", "npm_", Alnum, 36..=36, Crc32;
    "nvidia", "an NVIDIA API key", "nvapi-", Word, 60..=80;
    "octopus", "an Octopus Deploy key", "API-", Upper, 25..=32;
    "onepassword", "a 1Password service token", "ops_eyJ", Text, 200..=1200;
    "openai", "an OpenAI project key", "sk-proj-", Word, 48..=200;
    "openai_service", "an OpenAI service key", "sk-svcacct-", Word, 48..=200;
    "openshift", "an OpenShift token", "sha256~", Word, 43..=43;
    "perplexity", "a Perplexity key", "pplx-", Alnum, 48..=56;
    "pinecone", "a Pinecone key", "pcsk_", Word, 60..=80;
    "planetscale", "a PlanetScale token", "pscale_tkn_", Text, 32..=64;
    "planetscale_password", "a PlanetScale password", "pscale_pw_", Text, 32..=64;
    "postman", "a Postman key", "PMAK-", Word, 59..=59;
    "prefect", "a Prefect key", "pnu_", Alnum, 36..=36;
    "pulumi", "a Pulumi token", "pul-", Hex, 40..=40;
    "pypi", "a PyPI token", "pypi-AgE", Word, 50..=250;
    "readme", "a ReadMe key", "rdme_", Alnum, 70..=70;
    "replicate", "a Replicate token", "r8_", Alnum, 37..=37;
    "rubygems", "a RubyGems key", "rubygems_", Hex, 48..=48;
    "sendgrid", "a SendGrid key", "SG.", Text, 66..=66;
    "sentry", "a Sentry user token", "sntryu_", Hex, 64..=64;
    "sentry_org", "a Sentry organisation token", "sntrys_", Text, 60..=300;
    "shippo", "a Shippo token", "shippo_live_", Hex, 40..=40;
    "shopify", "a Shopify access token", "shpat_", Hex, 32..=32;
    "shopify_private", "a Shopify private app token", "shppa_", Hex, 32..=32;
    "shopify_secret", "a Shopify shared secret", "shpss_", Hex, 32..=32;
    "slack_app", "a Slack app token", "xapp-", Word, 40..=150;
    "slack_bot", "a Slack bot token", "xoxb-", Word, 40..=90;
    "slack_user", "a Slack user token", "xoxp-", Word, 40..=90;
    "slack_webhook", "a Slack webhook", "hooks.slack.com/services/T", Text, 40..=70;
    "square", "a Square access token", "sq0atp-", Word, 22..=22;
    "square_secret", "a Square OAuth secret", "sq0csp-", Word, 43..=43;
    "stripe", "a Stripe live key", "sk_live_", Alnum, 20..=110;
    "stripe_restricted", "a Stripe restricted key", "rk_live_", Alnum, 20..=110;
    "stripe_webhook", "a Stripe webhook secret", "whsec_", Alnum, 32..=64;
    "supabase", "a Supabase token", "sbp_", Hex, 40..=40;
    "supabase_secret", "a Supabase secret key", "sb_secret_", Word, 30..=50;
    "tailscale", "a Tailscale key", "tskey-", Word, 30..=70;
    "tavily", "a Tavily key", "tvly-", Word, 32..=50;
    "tencent", "a Tencent Cloud secret id", "AKID", Alnum, 32..=32;
    "typeform", "a Typeform token", "tfp_", Text, 59..=59;
    "vault", "a Vault token", "hvs.", Word, 90..=120;
    "vault_batch", "a Vault batch token", "hvb.", Word, 130..=300;
    "xai", "an xAI key", "xai-", Alnum, 70..=80;
    "discord_webhook", "a Discord webhook", "discord.com/api/webhooks/", Text, 80..=100;
    "azure_storage", "an Azure storage key", "AccountKey=", Text, 88..=88;
    "zuplo", "a Zuplo key", "zpka_", Word, 30..=60;
}
