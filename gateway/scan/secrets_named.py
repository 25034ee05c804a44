"""Keys of providers whose format is a common one, such as 32 hexadecimal digits.

The provider's name must stand before the value, in the name of a variable, a setting or a header.
One expression finds a value after any of the names; the table says of which shape it must be.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.detector import Reading, make
from gateway.scan.entropy import entropy, is_placeholder

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["NAMED", "NAMES", "Named"]

_UUID: Final = r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
_LEAST: Final = 2.8
_HEX16: Final = r"[\da-f]{16}"
_HEX32: Final = r"[\da-f]{32}"
_HEX40: Final = r"[\da-f]{40}"
_HEX64: Final = r"[\da-f]{64}"
_ANY32: Final = r"[A-Za-z\d]{32}"
_ANY40: Final = r"[A-Za-z\d]{40}"


class Named(NamedTuple):
    """What a provider's keys look like after its name.

    Attributes:
        provider: Who issues them, for people.
        entity: What findings call them.
        names: One of these words stands before the value, in any case, with spaces between them;
            where one has an underscore, a hyphen or nothing may stand as well.
        shape: The value, as an expression of ASCII characters.
    """

    provider: str
    entity: str
    names: str
    shape: str


NAMES: Final = (
    # Clouds
    Named("IBM Cloud", "IBM_CLOUD_KEY", "ibm cloud_iam cloud_api iam_api iam_key iam_pass iam_pwd",
          r"[\w-]{44}"),
    Named("IBM Cloud", "IBM_COS_KEY",
          "secret_access_key hmac_secret ibm_cos cos_hmac cos_secret ibm_secret",
          r"[\da-f]{48}"),
    Named("SoftLayer", "SOFTLAYER_KEY", "softlayer sl_api sl_key sl_pass sl_pwd", r"[a-z\d]{64}"),
    Named("Cloudant", "CLOUDANT_KEY",
          "cloudant clou_api clou_pw clou_key clou_pass cl_api cl_pw cl_key cl_pass",
          r"[a-z\d]{64}"),
    Named("Cloudant", "CLOUDANT_KEY",
          "cloudant clou_api clou_pw clou_key clou_pass cl_api cl_pw cl_key cl_pass",
          r"[a-z]{24}"),
    Named("Oracle", "ORACLE_CLOUD_KEY", "oci oracle", r"[A-Za-z\d+/]{43}="),
    Named("Alibaba Cloud", "ALIBABA_SECRET_KEY", "alibaba aliyun", r"[A-Za-z\d]{30}"),
    Named("Tencent Cloud", "TENCENT_SECRET_KEY", "tencent qcloud", _ANY32),
    Named("Yandex", "YANDEX_KEY", "yandex", r"YC[\w-]{38}"),
    Named("Cloudflare", "CLOUDFLARE_KEY", "cloudflare", r"(?:[\w-]{40}|[\da-f]{37})"),
    Named("Heroku", "HEROKU_KEY", "heroku", _UUID),
    Named("Linode", "LINODE_TOKEN", "linode", _HEX64),
    Named("Vultr", "VULTR_KEY", "vultr", r"[A-Z\d]{36}"),
    Named("Hetzner", "HETZNER_TOKEN", "hetzner hcloud", r"[A-Za-z\d]{64}"),
    Named("Scaleway", "SCALEWAY_KEY", "scaleway scw_secret", _UUID),
    Named("Netlify", "NETLIFY_TOKEN", "netlify", r"[\w=-]{40,46}"),
    Named("Vercel", "VERCEL_TOKEN", "vercel", r"[A-Za-z\d]{24}"),
    Named("Railway", "RAILWAY_TOKEN", "railway", _UUID),
    Named("Fastly", "FASTLY_KEY", "fastly", r"[\w=-]{32}"),
    Named("Terraform Cloud", "TERRAFORM_TOKEN", "tfe_token", r"[\w.-]{60,100}"),
    Named("ngrok", "NGROK_TOKEN", "ngrok", r"[A-Za-z\d]{27}_[A-Za-z\d]{17,22}"),
    # Code
    Named("Bitbucket", "BITBUCKET_TOKEN", "bitbucket", r"(?:[A-Za-z\d]{32}|[\w=-]{64})"),
    Named("Sourcegraph", "SOURCEGRAPH_TOKEN", "sourcegraph", r"[\da-fA-F]{40}"),
    Named("SonarQube", "SONAR_TOKEN", "sonar", _HEX40),
    Named("Snyk", "SNYK_TOKEN", "snyk", _UUID),
    Named("Codecov", "CODECOV_TOKEN", "codecov", rf"(?:{_UUID}|[a-z\d]{{32}})"),
    Named("Travis CI", "TRAVISCI_TOKEN", "travis", r"[\w-]{22}"),
    Named("Drone", "DRONE_TOKEN", "droneci drone_token", _ANY32),
    Named("Jenkins", "JENKINS_TOKEN", "jenkins", r"(?:11[\da-f]{32}|[\da-f]{32})"),
    Named("crates.io", "CRATES_TOKEN", "crates cargo_registry", r"(?:cio)?[A-Za-z\d]{32}"),
    Named("Atlassian", "ATLASSIAN_TOKEN", "atlassian confluence jira", r"[A-Za-z\d]{24}"),
    Named("JFrog", "JFROG_KEY", "jfrog artifactory bintray", r"[A-Za-z\d]{64,73}"),
    Named("LaunchDarkly", "LAUNCHDARKLY_KEY", "launchdarkly", r"[\w=-]{40}"),
    Named("Octopus Deploy", "OCTOPUS_KEY", "octopus", _UUID),
    # Watching
    Named("Datadog", "DATADOG_KEY", "datadog dd_api dd_app", r"[\da-f]{32}(?:[\da-f]{8})?"),
    Named("New Relic", "NEWRELIC_KEY", "newrelic new_relic", rf"(?:{_HEX64}|{_HEX40})"),
    Named("Sentry", "SENTRY_TOKEN", "sentry", _HEX64),
    Named("Splunk", "SPLUNK_TOKEN", "splunk hec_token", _UUID),
    Named("Sumo Logic", "SUMOLOGIC_KEY", "sumo", r"(?:su[A-Za-z\d]{12}|[A-Za-z\d]{64})"),
    Named("PagerDuty", "PAGERDUTY_KEY", "pagerduty pager_duty", r"(?:[\w+-]{20}|[\da-f]{32})"),
    Named("Opsgenie", "OPSGENIE_KEY", "opsgenie", _UUID),
    Named("Rollbar", "ROLLBAR_TOKEN", "rollbar", _HEX32),
    Named("Bugsnag", "BUGSNAG_KEY", "bugsnag", _HEX32),
    Named("Loggly", "LOGGLY_TOKEN", "loggly", _UUID),
    Named("Logz.io", "LOGZIO_TOKEN", "logzio", _ANY32),
    Named("Shodan", "SHODAN_KEY", "shodan", _ANY32),
    Named("VirusTotal", "VIRUSTOTAL_KEY", "virustotal", _HEX64),
    Named("SecurityTrails", "SECURITYTRAILS_KEY", "securitytrails", _ANY32),
    Named("Cisco Meraki", "MERAKI_KEY", "meraki", _HEX40),
    Named("Okta", "OKTA_TOKEN", "okta", r"00[\w=-]{40}"),
    Named("Auth0", "AUTH0_SECRET", "auth0", r"[\w-]{64}"),
    # Messages
    Named("Twilio", "TWILIO_KEY", "twilio", _HEX32),
    Named("Vonage", "VONAGE_SECRET", "nexmo vonage", r"[A-Za-z\d]{16}"),
    Named("MessageBird", "MESSAGEBIRD_KEY", "messagebird message_bird",
          rf"(?:[A-Za-z\d]{{25}}|{_UUID})"),
    Named("Plivo", "PLIVO_TOKEN", "plivo", r"[A-Za-z\d]{40}"),
    Named("Discord", "DISCORD_TOKEN", "discord", rf"(?:{_HEX64}|[\w=-]{{32}})"),
    Named("Mattermost", "MATTERMOST_TOKEN", "mattermost", r"[a-z\d]{26}"),
    Named("Gitter", "GITTER_TOKEN", "gitter", r"[\w-]{40}"),
    Named("LINE", "LINE_TOKEN", "line_channel line_notify", r"[A-Za-z\d+/=]{43,180}"),
    Named("Intercom", "INTERCOM_TOKEN", "intercom", r"[\w=-]{60}"),
    Named("Zendesk", "ZENDESK_KEY", "zendesk", _ANY40),
    Named("Freshdesk", "FRESHDESK_KEY", "freshdesk", r"[A-Za-z\d]{19,20}"),
    Named("Mailchimp", "MAILCHIMP_KEY", "mailchimp", rf"{_HEX32}-us\d{{1,2}}"),
    Named("Mailjet", "MAILJET_KEY", "mailjet", _HEX32),
    Named("Mailgun", "MAILGUN_KEY", "mailgun", r"[a-h\d]{32}-[a-h\d]{8}-[a-h\d]{8}"),
    Named("Postmark", "POSTMARK_TOKEN", "postmark", _UUID),
    Named("SparkPost", "SPARKPOST_KEY", "sparkpost", _HEX40),
    Named("Sendbird", "SENDBIRD_TOKEN", "sendbird", rf"(?:{_HEX40}|{_UUID})"),
    Named("Pusher", "PUSHER_SECRET", "pusher", r"[\da-f]{20}"),
    Named("Pushover", "PUSHOVER_TOKEN", "pushover", r"[a-z\d]{30}"),
    Named("HubSpot", "HUBSPOT_KEY", "hubspot", _UUID),
    Named("Pipedrive", "PIPEDRIVE_TOKEN", "pipedrive", _HEX40),
    # Money
    Named("Coinbase", "COINBASE_KEY", "coinbase", r"[\w-]{64}"),
    Named("Binance", "BINANCE_KEY", "binance", r"[A-Za-z\d]{64}"),
    Named("Kraken", "KRAKEN_KEY", "kraken", r"[\w/=+-]{56,90}"),
    Named("KuCoin", "KUCOIN_KEY", "kucoin", rf"(?:[\da-f]{{24}}|{_UUID})"),
    Named("Bittrex", "BITTREX_KEY", "bittrex", _ANY32),
    Named("Etherscan", "ETHERSCAN_KEY", "etherscan", r"[A-Z\d]{34}"),
    Named("Infura", "INFURA_KEY", "infura", _HEX32),
    Named("Plaid", "PLAID_SECRET", "plaid", r"(?:[a-z\d]{24}|[a-z\d]{30})"),
    Named("Finicity", "FINICITY_SECRET", "finicity", r"(?:[\da-f]{32}|[a-z\d]{20})"),
    Named("Finnhub", "FINNHUB_TOKEN", "finnhub", r"[a-z\d]{20}"),
    Named("FreshBooks", "FRESHBOOKS_TOKEN", "freshbooks", r"[a-z\d]{64}"),
    Named("Etsy", "ETSY_TOKEN", "etsy", r"[a-z\d]{24}"),
    Named("Squarespace", "SQUARESPACE_TOKEN", "squarespace", _UUID),
    # Models and data
    Named("Cohere", "COHERE_KEY", "cohere co_api_key", _ANY40),
    Named("Mistral", "MISTRAL_KEY", "mistral", _ANY32),
    Named("Weights & Biases", "WANDB_KEY", "wandb", _HEX40),
    Named("Deepgram", "DEEPGRAM_KEY", "deepgram", _HEX40),
    Named("AssemblyAI", "ASSEMBLYAI_KEY", "assemblyai assembly_ai", _HEX32),
    Named("Stability", "STABILITY_KEY", "stability", r"sk-[A-Za-z\d]{48}"),
    Named("Azure OpenAI", "AZURE_OPENAI_KEY", "azure_openai openai_api",
          rf"(?:{_HEX32}|[A-Za-z\d]{{84}})"),
    Named("Azure", "AZURE_KEY", "azure cognitive ocp-apim-subscription",
          rf"(?:{_HEX32}|[a-z\d]{{52}}|[A-Za-z\d]{{84}}|[A-Za-z\d+/]{{43}}=|[A-Za-z\d+/]{{86}}==)"),
    Named("Confluent", "CONFLUENT_SECRET", "confluent", r"(?:[A-Za-z\d]{16}|[A-Za-z\d+/]{64})"),
    Named("Algolia", "ALGOLIA_KEY", "algolia", r"[a-z\d]{32}"),
    Named("Adafruit", "ADAFRUIT_KEY", "adafruit", r"[\w-]{32}"),
    Named("Kaggle", "KAGGLE_KEY", "kaggle", _HEX32),
    Named("Looker", "LOOKER_SECRET", "looker", r"[a-z\d]{20,24}"),
    Named("RapidAPI", "RAPIDAPI_KEY", "rapidapi", r"[\w-]{50}"),
    Named("PrivateAI", "PRIVATEAI_TOKEN", "privateai private_ai", r"[a-z\d]{32}"),
    # Other services
    Named("Adobe", "ADOBE_KEY", "adobe", _HEX32),
    Named("Airtable", "AIRTABLE_KEY", "airtable", r"[A-Za-z\d]{17}"),
    Named("Asana", "ASANA_TOKEN", "asana", r"(?:[a-z\d]{32}|\d{16})"),
    Named("Beamer", "BEAMER_TOKEN", "beamer", r"b_[\w=-]{44}"),
    Named("Contentful", "CONTENTFUL_TOKEN", "contentful", r"[\w=-]{43}"),
    Named("Dropbox", "DROPBOX_TOKEN", "dropbox", r"(?:[a-z\d]{15}|[a-z\d]{11}A{10}[\w=-]{43})"),
    Named("Facebook", "FACEBOOK_SECRET", "facebook fb_app fb_secret", _HEX32),
    Named("Flickr", "FLICKR_TOKEN", "flickr", _HEX32),
    Named("Giphy", "GIPHY_KEY", "giphy", _ANY32),
    Named("Google reCAPTCHA", "RECAPTCHA_SECRET", "recaptcha", r"6L[\w-]{38}"),
    Named("Linear", "LINEAR_SECRET", "linear", _HEX32),
    Named("LinkedIn", "LINKEDIN_SECRET", "linkedin linked_in", r"[A-Za-z\d]{14,16}"),
    Named("New York Times", "NYTIMES_TOKEN", "nytimes new_york_times newyorktimes", r"[\w=-]{32}"),
    Named("OpenWeather", "OPENWEATHER_KEY", "openweather", _HEX32),
    Named("Spotify", "SPOTIFY_SECRET", "spotify", _HEX32),
    Named("Todoist", "TODOIST_TOKEN", "todoist", _HEX40),
    Named("Trello", "TRELLO_TOKEN", "trello", r"(?:[a-zA-Z\d-]{32}|[\da-f]{64})"),
    Named("Twitch", "TWITCH_TOKEN", "twitch", r"(?:oauth:)?[a-z\d]{30}"),
    Named("Twitter", "TWITTER_TOKEN", "twitter",
          r"(?:[A-Za-z\d]{25}|[A-Za-z\d]{50}|[A-Za-z\d]{45}|\d{15,25}-[A-Za-z\d]{20,40}|A{22}[A-Za-z\d%]{80,100})"),
    Named("Unsplash", "UNSPLASH_KEY", "unsplash", r"[\w-]{43}"),
    Named("YouTube", "YOUTUBE_KEY", "youtube", r"AIza[\w-]{35}"),
)  # fmt: skip


_SECRET_WORD: Final = re.compile(
    r"key|token|secret|passw|pwd|_pw|auth|cred|api|access|sid|license|dsn|webhook|bearer|login",
    re.IGNORECASE,
)
_NO_WORD: Final = re.compile(r"[^A-Za-z0-9]*(?:is[^A-Za-z0-9]*)?")
_TOGETHER: Final = 14


def _spellings(name: str) -> set[str]:
    return {name.replace("_", between) for between in ("_", "-", "")}


@cache
def _shape(row: Named) -> re.Pattern[str]:
    return re.compile(row.shape, re.ASCII)


def _family(rows: tuple[Named, ...]) -> Detector:
    """One detector for some rows: an automaton takes a few lists of words more easily than one."""
    by_name: dict[str, list[Named]] = {}
    for row in rows:
        for name in row.names.split():
            for spelt in _spellings(name):
                by_name.setdefault(spelt, []).append(row)
    words = "|".join(map(re.escape, sorted(by_name, key=lambda name: (-len(name), name))))
    names = re.compile(words, re.IGNORECASE)

    entities = sorted({row.entity for row in rows})

    def check(found: Candidate) -> list[Reading] | None:
        if found.after.isalnum() or found.after in ("_", "%", "(", "[", "{", "$"):
            return None
        value = found.value.rstrip(".")
        for name in reversed([*names.finditer(found.before)]):
            if not _speaks_of_a_key(found.before, name.start(), name.end()):
                continue
            for row in by_name[name[0].lower()]:
                if _shape(row).fullmatch(value) and _is_random(row, value):
                    return [Reading(row.entity, 0.85, len(value))]
        return None

    return make(
        "secrets",
        entities[0],
        rf"(?:{words}){_AND_MORE}{_IS}([A-Za-z0-9_=+/.:%-]{{14,190}})",
        check,
        group=1,
        ignore_case=True,
        rule=f"named-{rows[0].entity}",
        others=tuple(entities[1:]),
    )


def _speaks_of_a_key(before: str, start: int, end: int) -> bool:
    """Whether a provider's name and what stands from there to the value may name a secret.

    A name alone may, as a key of a mapping; with other words one of them must speak of secrets:
    lists of packages give names like these, too, and a digest of each.
    """
    ahead = before[start - 1 : start]
    if ahead.isalpha() and not (ahead.islower() and before[start].isupper()):
        return False
    rest = before[end:]
    told = _SECRET_WORD.search(before, start) is not None
    return told or _NO_WORD.fullmatch(rest) is not None


def _is_random(row: Named, value: str) -> bool:
    """Of an exact shape, after the provider's name, also what repeats itself may be a key."""
    if entropy(value) < _LEAST or is_placeholder(value, runs=False):
        return False
    return r"\d" not in row.shape or any(char.isdigit() for char in value)


_AND_MORE: Final = (
    r"[A-Za-z0-9_.-]{0,24}(?: (?:api|access|secret|auth|token|key|client|app|id|password)){0,3}"
)
_IS: Final = r"[\"'`\]]{0,2}\s{0,3}(?::=|=>|[=:]{1,2}|,|\bis\b|)\s{0,3}[\"'`]{0,2}"
NAMED: Final = tuple(_family(NAMES[at : at + _TOGETHER]) for at in range(0, len(NAMES), _TOGETHER))
"""Find every row of the table."""
