"""Formats of keys and tokens that begin with a mark of their provider.

One expression finds whatever begins with any of the marks; the table says what must follow, how
long, and of which characters, and so which provider it is. A mark with the right number of the
right characters after it is nearly proof: what remains are fillers, of which documentation is full.

Sources: the providers' documentation, and the published lists of GitHub's secret scanning,
gitleaks, TruffleHog and detect-secrets, as facts about formats.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.detector import Reading, make
from gateway.scan.entropy import entropy, is_placeholder
from gateway.scan.zones import Around, Zones

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["FORMATS", "MARKED", "Format"]

_CHARS: Final = r"[A-Za-z0-9_.+/=~@-]"
_MOST: Final = 640
_HEAD: Final = 3
"""No mark is shorter."""
_TELLING: Final = 8
"""Characters after a mark that tell most texts from keys."""
_UUID: Final = r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
_LEAST: Final = 2.8


class Format(NamedTuple):
    """What a provider's keys look like.

    Attributes:
        provider: Who issues them, for people.
        entity: What findings call them.
        marks: What they begin with: one of these, with spaces between them.
        rest: What follows, as an expression of ASCII characters.
        least: Least entropy of what follows, in bits for each character. At 0 even fillers count.
        within: What stands somewhere in it, where it is dear to look for the rest.
    """

    provider: str
    entity: str
    marks: str
    rest: str
    least: float = _LEAST
    within: str = ""


FORMATS: Final = (
    # Clouds and hosting
    Format("AWS", "AWS_ACCESS_KEY", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}", 0.0),
    Format("AWS", "AWS_ACCESS_KEY", "A3T", r"[A-Z\d]{17}", 0.0),
    Format("Amazon Bedrock", "AWS_BEDROCK_KEY", "ABSK", r"[A-Za-z\d+/]{109,269}={0,2}"),
    Format("Amazon Bedrock", "AWS_BEDROCK_KEY", "bedrock-api-key-",
           r"YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z\d+/=]*"),
    Format("AWS AppSync", "AWS_APPSYNC_KEY", "da2-", r"[a-z\d]{26}"),
    Format("Amazon", "AMAZON_OAUTH_SECRET", "amzn1.oa2-cs.v1.", r"[\da-f]{64}"),
    Format("Amazon", "AMAZON_MWS_TOKEN", "amzn.mws.", _UUID),
    Format("Google", "GOOGLE_API_KEY", "AIza", r"[\w-]{35}", 3.5),
    Format("Google", "GOOGLE_API_KEY", "AQ.Ab8", r"[\w-]{40,60}", 3.5),
    Format("Google", "GOOGLE_OAUTH_SECRET", "GOCSPX-", r"[\w-]{28}"),
    Format("Google", "GOOGLE_OAUTH_TOKEN", "ya29.", r"[\w-]{30,600}(?:\.[\w-]+)?"),
    Format("Google", "GOOGLE_OAUTH_TOKEN", "1//0", r"[\w-]{40,120}"),
    Format("Google", "GOOGLE_STORAGE_KEY", "GOOG1E", r"[A-Z\d]{55}"),
    Format("Alibaba Cloud", "ALIBABA_ACCESS_KEY", "LTAI", r"[A-Za-z\d]{12}(?:[A-Za-z\d]{4}){0,2}"),
    Format("Tencent Cloud", "TENCENT_SECRET_ID", "AKID", r"[A-Za-z\d]{32}"),
    Format("Yandex", "YANDEX_KEY", "AQVN", r"[\w-]{35,38}"),
    Format("Yandex", "YANDEX_TOKEN", "t1.9", r"[\w-]{10,400}={0,2}\.[\w-]{86}={0,2}"),
    Format("Scaleway", "SCALEWAY_KEY", "SCW", r"[A-Z\d]{17}", 3.0),
    Format("DigitalOcean", "DIGITALOCEAN_TOKEN", "dop_v1_ doo_v1_ dor_v1_", r"[\da-f]{64}"),
    Format("Fly.io", "FLYIO_TOKEN", "fo1_", r"[\w-]{43}"),
    Format("Fly.io", "FLYIO_TOKEN", "fm1a_ fm1r_ fm2_", r"[A-Za-z\d+/]{100,600}={0,3}"),
    Format("Heroku", "HEROKU_KEY", "HRKU-", rf"(?:AA[\w-]{{58}}|{_UUID})"),
    Format("Vercel", "VERCEL_TOKEN", "vcp_ vci_ vca_ vcr_ vck_", r"[A-Za-z\d]{24,64}"),
    Format("Vercel", "VERCEL_TOKEN", "vercel_blob_rw_", r"[A-Za-z\d]{12,20}_[A-Za-z\d]{24,48}"),
    Format("Netlify", "NETLIFY_TOKEN", "nfp_ nfc_ nfo_ nfu_ nfb_", r"[A-Za-z\d]{36,40}"),
    Format("Supabase", "SUPABASE_KEY", "sbp_", r"[\da-f]{40}"),
    Format("Supabase", "SUPABASE_KEY", "sb_secret_", r"[\w-]{22,44}"),
    Format("Neon", "NEON_KEY", "napi_", r"[a-z\d]{40,70}"),
    Format("PlanetScale", "PLANETSCALE_TOKEN", "pscale_tkn_ pscale_pw_ pscale_oauth_",
           r"[\w.=-]{32,64}"),
    Format("Render", "RENDER_KEY", "rnd_", r"[A-Za-z\d]{28,36}"),
    Format("Cloudflare", "CLOUDFLARE_KEY", "v1.0-", r"[\da-f]{24}-[\da-f]{146}"),
    Format("Tailscale", "TAILSCALE_KEY", "tskey-",
           r"(?:auth|api|client|scim|webhook)-[A-Za-z\d]{6,24}-[A-Za-z\d]{16,64}"),
    Format("SoftLayer", "SOFTLAYER_KEY", "api.softlayer.com/soap/v3/ api.softlayer.com/soap/v3.1/",
           r"[a-z\d]{64}", 0.0),
    Format("Akamai", "AKAMAI_TOKEN", "akab-", r"[a-z\d]{16}-[a-z\d]{16}"),
    Format("Scalingo", "SCALINGO_TOKEN", "tk-us-", r"[\w-]{48}"),
    Format("Defined Networking", "DEFINED_NETWORKING_KEY", "dnkey-", r"[\w=-]{26}-[\w=-]{52}"),
    # Secrets, infrastructure, continuous integration
    Format("HashiCorp Vault", "VAULT_TOKEN", "hvs. hvb. hvr.", r"[\w-]{24,300}"),
    Format("Doppler", "DOPPLER_TOKEN", "dp.pt. dp.ct. dp.st. dp.sa. dp.scim. dp.audit.",
           r"(?:[\w-]{2,35}\.)?[A-Za-z\d]{40,44}"),
    Format("Infisical", "INFISICAL_TOKEN", "st.", r"[\da-f]{24}\.[\da-f]{32}\.[\da-f]{32}"),
    Format("1Password", "ONEPASSWORD_KEY", "A3-",
           r"[A-Z\d]{6}-(?:[A-Z\d]{11}|[A-Z\d]{6}-[A-Z\d]{5})(?:-[A-Z\d]{5}){3}"),
    Format("age", "AGE_SECRET_KEY", "AGE-SECRET-KEY-1", r"[02-9AC-HJ-NP-Z]{58}"),
    Format("Pulumi", "PULUMI_TOKEN", "pul-", r"[\da-f]{40}"),
    Format("Infracost", "INFRACOST_KEY", "ico-", r"[A-Za-z\d]{32}"),
    Format("Prefect", "PREFECT_KEY", "pnu_ pnb_", r"[A-Za-z\d]{36}"),
    Format("dbt", "DBT_TOKEN", "dbtu_ dbtc_ dbts_", r"[\w=-]{38,64}"),
    Format("Databricks", "DATABRICKS_TOKEN", "dapi", r"[\da-f]{32}(?:-\d)?"),
    Format("ClickHouse", "CLICKHOUSE_KEY", "4b1d", r"[A-Za-z\d]{38}"),
    Format("Confluent", "CONFLUENT_SECRET", "cflt", r"[A-Za-z\d+/]{60}"),
    Format("CircleCI", "CIRCLECI_TOKEN", "CCIPAT_ CCIPRJ_", r"[A-Za-z\d]{22}_[\da-f]{40}"),
    Format("Buildkite", "BUILDKITE_TOKEN", "bkua_", r"[\da-f]{40}"),
    Format("Harness", "HARNESS_KEY", "pat. sat.", r"[\w-]{22}\.[\da-f]{24}\.[A-Za-z\d]{20}"),
    Format("Octopus Deploy", "OCTOPUS_KEY", "API-", r"[A-Z\d]{26}", 3.2),
    Format("OpenShift", "OPENSHIFT_TOKEN", "sha256~", r"[\w-]{43}"),
    Format("LaunchDarkly", "LAUNCHDARKLY_KEY", "sdk- api- mob-", _UUID),
    Format("Statsig", "STATSIG_KEY", "secret-", r"[A-Za-z\d]{43}"),
    Format("SettleMint", "SETTLEMINT_TOKEN", "sm_pat_ sm_aat_ sm_sat_", r"[A-Za-z\d]{16}"),
    Format("Adafruit", "ADAFRUIT_KEY", "aio_", r"(?=[A-Za-z]*\d)[A-Za-z\d]{28}", 3.5),
    Format("Portainer", "PORTAINER_TOKEN", "ptr_", r"[A-Za-z\d+/]{40,64}={0,2}"),
    # Code and packages
    Format("GitHub", "GITHUB_TOKEN", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z\d]{36,255}"),
    Format("GitHub", "GITHUB_TOKEN", "github_pat_", r"[A-Za-z\d]{22}_[A-Za-z\d]{59}"),
    Format("GitLab", "GITLAB_TOKEN",
           "glpat- glrt- gldt- glcbt- glft- glsoat- glffct- glwt-",
           r"(?:[\w-]{27,300}\.[\da-z]{9}|[\w-]{20,64})"),
    Format("GitLab", "GITLAB_TOKEN", "glptt-", r"[\w-]{40}"),
    Format("GitLab", "GITLAB_TOKEN", "glimt-", r"[\w-]{25}"),
    Format("GitLab", "GITLAB_TOKEN", "glagent-", r"[\w-]{50,64}"),
    Format("GitLab", "GITLAB_TOKEN", "gloas-", r"[\w-]{64}"),
    Format("GitLab", "GITLAB_TOKEN", "GR1348941", r"[\w-]{20,50}"),
    Format("Bitbucket", "BITBUCKET_TOKEN", "ATBB", r"[A-Za-z\d]{32}"),
    Format("Atlassian", "ATLASSIAN_TOKEN", "ATATT3 ATCTT3", r"[\w=-]{100,250}"),
    Format("Trello", "TRELLO_TOKEN", "ATTA", r"[\da-f]{64}[\dA-F]{8}"),
    Format("Sourcegraph", "SOURCEGRAPH_TOKEN", "sgp_",
           r"(?:[\da-fA-F]{16}_|local_)?[\da-fA-F]{40}"),
    Format("Sourcegraph", "SOURCEGRAPH_TOKEN", "slk_", r"[\da-f]{64}"),
    Format("SonarQube", "SONAR_TOKEN", "squ_ sqp_ sqa_", r"[\da-f]{40}"),
    Format("Snyk", "SNYK_TOKEN", "snyk_uat. snyk_sat.", r"[a-z\d]{8}\.[\w.-]{40,200}"),
    Format("Endor Labs", "ENDORLABS_KEY", "endr+", r"[A-Za-z\d-]{16}"),
    Format("npm", "NPM_TOKEN", "npm_", r"[A-Za-z\d]{36}"),
    Format("PyPI", "PYPI_TOKEN", "pypi-AgE", r"[\w-]{50,400}"),
    Format("RubyGems", "RUBYGEMS_KEY", "rubygems_", r"[\da-f]{48}"),
    Format("Clojars", "CLOJARS_TOKEN", "CLOJARS_", r"[A-Za-z\d]{60}"),
    Format("NuGet", "NUGET_KEY", "oy2", r"[a-z\d]{43}"),
    Format("Packagist", "PACKAGIST_TOKEN", "packagist_", r"[a-z]{3}_[\da-f]{60,72}"),
    Format("Docker Hub", "DOCKER_TOKEN", "dckr_pat_ dckr_oat_", r"[\w-]{27,36}"),
    Format("JFrog", "JFROG_KEY", "AKC", r"[A-Za-z\d]{10,80}", 0.0),
    Format("JFrog", "JFROG_KEY", "AP0 AP1 AP2 AP3 AP4 AP5 AP6 AP7 AP8 AP9",
           r"[A-Za-z\d]{10,80}", 0.0),
    Format("JFrog", "JFROG_KEY", "APA APB APC APD APE APF",
           r"(?=(?:[A-Za-z]*\d){2})[A-Za-z\d]{10,80}"),
    Format("JFrog", "JFROG_KEY", "cmVmd", r"[A-Za-z\d]{59}"),
    Format("Deno", "DENO_TOKEN", "ddp_ ddw_", r"[A-Za-z\d]{36}"),
    Format("Postman", "POSTMAN_KEY", "PMAK-", r"[\da-f]{24}-[\da-f]{34}"),
    Format("ReadMe", "README_KEY", "rdme_", r"[a-z\d]{70}"),
    # Watching
    Format("Grafana", "GRAFANA_TOKEN", "glsa_", r"[A-Za-z\d]{32}_[\da-fA-F]{8}"),
    Format("Grafana", "GRAFANA_TOKEN", "glc_", r"[A-Za-z\d+/]{32,400}={0,3}"),
    Format("Grafana", "GRAFANA_TOKEN", "eyJrIjoi", r"[A-Za-z\d]{60,400}={0,3}"),
    Format("New Relic", "NEWRELIC_KEY", "NRAK- NRAA- NRRA-", r"[A-Za-z\d]{27,42}"),
    Format("New Relic", "NEWRELIC_KEY", "NRJS-", r"[\da-f]{19}"),
    Format("New Relic", "NEWRELIC_KEY", "NRII-", r"[\w-]{32}"),
    Format("Dynatrace", "DYNATRACE_TOKEN", "dt0c01. dt0s01. dt0s02. dt0s08.",
           r"[A-Za-z\d]{24}\.[A-Za-z\d]{64}"),
    Format("Honeycomb", "HONEYCOMB_KEY", "hcaik_ hcxik_ hcalk_ hcxlk_", r"[a-z\d]{58}"),
    Format("Sentry", "SENTRY_TOKEN", "sntryu_", r"[\da-f]{64}"),
    Format("Sentry", "SENTRY_TOKEN", "sntrys_", r"eyJ[A-Za-z\d+/=_]{80,500}"),
    Format("PostHog", "POSTHOG_KEY", "phx_", r"[A-Za-z\d]{43,48}"),
    Format("Axiom", "AXIOM_TOKEN", "xaat- xapt-", _UUID),
    Format("Logfire", "LOGFIRE_TOKEN", "pylf_v1_us_ pylf_v1_eu_", r"[A-Za-z\d]{43}"),
    Format("Segment", "SEGMENT_TOKEN", "sgp_", r"[A-Za-z\d]{64}"),
    Format("WakaTime", "WAKATIME_KEY", "waka_", _UUID),
    # Messages and mail
    Format("Slack", "SLACK_TOKEN", "xoxb- xoxp- xoxa- xoxr- xoxc- xoxd- xoxs- xoxo- xoxe-",
           r"(?:\d-)?(?:\d{4,14}-){1,4}[A-Za-z\d]{16,200}"),
    Format("Slack", "SLACK_TOKEN", "xoxe-", r"\d-[A-Z\d]{140,170}"),
    Format("Slack", "SLACK_TOKEN", "xoxa- xoxr-", r"(?=[A-Za-z]*\d)[A-Za-z\d]{8,48}"),
    Format("Slack", "SLACK_TOKEN", "xoxe.xoxb-1- xoxe.xoxp-1-", r"[A-Za-z\d]{140,200}"),
    Format("Slack", "SLACK_TOKEN", "xapp-", r"\d-[A-Z\d]{1,24}-\d{1,24}-[a-z\d]{16,128}"),
    Format("Slack", "SLACK_WEBHOOK", "hooks.slack.com/",
           r"(?:services|workflows|triggers)/[A-Za-z\d+/]{30,100}"),
    Format("Discord", "DISCORD_WEBHOOK",
           "discord.com/api/webhooks/ discordapp.com/api/webhooks/", r"\d{17,20}/[\w-]{60,72}"),
    Format("Microsoft Teams", "TEAMS_WEBHOOK", "webhook.office.com/",
           r"webhookb2/[\da-f@-]{60,80}/IncomingWebhook/[\da-f]{32}/[\w/-]{36,90}"),
    Format("Zapier", "ZAPIER_WEBHOOK", "hooks.zapier.com/hooks/catch/", r"\d{4,12}/[a-z\d]{5,12}"),
    Format("SendGrid", "SENDGRID_KEY", "SG.", r"[\w-]{20,24}\.[\w-]{39,50}"),
    Format("Mailgun", "MAILGUN_KEY", "key- pubkey-", r"[\da-f]{32}"),
    Format("Brevo", "BREVO_KEY", "xkeysib- xsmtpsib-", r"[\da-f]{64}-[A-Za-z\d]{16}"),
    Format("Resend", "RESEND_KEY", "re_", r"[A-Za-z\d]{8}_[A-Za-z\d]{24}"),
    Format("MailerSend", "MAILERSEND_KEY", "mlsn.", r"[\da-f]{64}"),
    Format("Mandrill", "MANDRILL_KEY", "md-", r"[\w-]{22}", 3.2),
    Format("Klaviyo", "KLAVIYO_KEY", "pk_", r"[\da-f]{34}"),
    Format("HubSpot", "HUBSPOT_KEY", "pat-na1- pat-na2- pat-eu1- pat-ap1-", _UUID),
    Format("Telnyx", "TELNYX_KEY", "KEY", r"[\dA-F]{32}_[A-Za-z\d]{22}"),
    Format("LinkedIn", "LINKEDIN_SECRET", "WPL_AP0. WPL_AP1.",
           r"[A-Za-z\d]{16}\.[A-Za-z\d+/]{6,12}={0,2}"),
    # Money and trade
    Format("Stripe", "STRIPE_KEY",
           "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", r"[A-Za-z\d]{10,128}"),
    Format("Stripe", "STRIPE_KEY", "whsec_", r"[A-Za-z\d+/]{24,64}={0,2}"),
    Format("Square", "SQUARE_TOKEN", "sq0atp- sq0csp- sq0idp-", r"[\w-]{22,43}"),
    Format("Square", "SQUARE_TOKEN", "EAAA", r"[\w+=-]{60}"),
    Format("Adyen", "ADYEN_KEY", "AQE", r"[a-z]hm[A-Za-z\d+/=-]{60,300}"),
    Format("Razorpay", "RAZORPAY_KEY", "rzp_live_ rzp_test_", r"[A-Za-z\d]{14}"),
    Format("Flutterwave", "FLUTTERWAVE_KEY", "FLWSECK_TEST- FLWSECK- FLWPUBK_TEST- FLWPUBK-",
           r"(?:[\da-h]{32}-X|[\da-h]{12})"),
    Format("Paddle", "PADDLE_KEY", "pdl_live_apikey_ pdl_sdbx_apikey_",
           r"[a-z\d]{26}_[A-Za-z\d]{22}_[A-Za-z\d]{3}"),
    Format("Shopify", "SHOPIFY_TOKEN", "shpat_ shpca_ shppa_ shpss_ shpua_ shptka_",
           r"[\da-fA-F]{32}"),
    Format("WooCommerce", "WOOCOMMERCE_KEY", "ck_ cs_", r"[\da-f]{40}"),
    Format("Plaid", "PLAID_TOKEN",
           "access-sandbox- access-development- access-production-", _UUID),
    Format("GoCardless", "GOCARDLESS_TOKEN", "live_ sandbox_", r"[\w=-]{40}"),
    Format("Lob", "LOB_KEY", "live_ test_", r"[\da-f]{35}"),
    Format("Lob", "LOB_KEY", "live_pub_ test_pub_", r"[\da-f]{31}"),
    Format("Mollie", "MOLLIE_KEY", "live_ test_", r"(?=[A-Za-z]*\d)[A-Za-z\d]{30}", 3.5),
    Format("Shippo", "SHIPPO_TOKEN", "shippo_live_ shippo_test_", r"[\da-fA-F]{40}"),
    Format("EasyPost", "EASYPOST_KEY", "EZAK EZTK", r"[A-Za-z\d]{54}"),
    Format("Duffel", "DUFFEL_TOKEN", "duffel_live_ duffel_test_", r"[\w=-]{43}"),
    # Models
    Format("OpenAI", "OPENAI_API_KEY", "sk-proj- sk-svcacct- sk-admin- sk-None-", r"[\w-]{20,250}"),
    Format("OpenAI", "OPENAI_API_KEY", "sk-", r"[A-Za-z\d]{20,64}"),
    Format("OpenAI", "OPENAI_API_KEY", "sk-",
           r"[\w-]{0,200}[A-Za-z\d]{20}T3BlbkFJ[A-Za-z\d]{20}", within="T3BlbkFJ"),
    Format("Anthropic", "ANTHROPIC_API_KEY", "sk-ant-api03- sk-ant-admin01-", r"[\w-]{93}AA"),
    Format("Anthropic", "ANTHROPIC_API_KEY", "sk-ant-",
           r"(?!api|admin)(?:[a-z]{2,8}\d\d-)?[\w-]{80,200}"),
    Format("OpenRouter", "OPENROUTER_KEY", "sk-or-v1-", r"[\da-f]{64}"),
    Format("Langfuse", "LANGFUSE_KEY", "sk-lf-", _UUID),
    Format("LangSmith", "LANGSMITH_KEY", "lsv2_pt_ lsv2_sk_", r"[\da-f]{32}_[\da-f]{10}"),
    Format("Helicone", "HELICONE_KEY", "sk-helicone-", r"[a-z\d-]{24,64}"),
    Format("Hugging Face", "HUGGINGFACE_TOKEN", "hf_ api_org_", r"[A-Za-z\d]{34}"),
    Format("Replicate", "REPLICATE_TOKEN", "r8_", r"[A-Za-z\d]{37,40}"),
    Format("Groq", "GROQ_API_KEY", "gsk_", r"[A-Za-z\d]{48,56}"),
    Format("xAI", "XAI_API_KEY", "xai-", r"[A-Za-z\d]{70,90}"),
    Format("Perplexity", "PERPLEXITY_KEY", "pplx-", r"[A-Za-z\d]{40,56}"),
    Format("Fireworks", "FIREWORKS_KEY", "fw_", r"[A-Za-z\d]{22,24}", 3.2),
    Format("Together", "TOGETHER_KEY", "tgp_v1_", r"[\w-]{43}"),
    Format("NVIDIA", "NVIDIA_KEY", "nvapi-", r"[\w-]{60,72}"),
    Format("Cerebras", "CEREBRAS_KEY", "csk-", r"[a-z\d]{48}"),
    Format("Tavily", "TAVILY_KEY", "tvly-", r"(?:dev-|prod-)?[A-Za-z\d]{32}"),
    Format("ElevenLabs", "ELEVENLABS_KEY", "sk_", r"[\da-f]{48}"),
    Format("Jina", "JINA_KEY", "jina_", r"[\w-]{60,64}"),
    Format("Firecrawl", "FIRECRAWL_KEY", "fc-", r"[\da-f]{32}"),
    Format("E2B", "E2B_KEY", "e2b_", r"[\da-f]{40}"),
    Format("Pinecone", "PINECONE_KEY", "pcsk_", r"[A-Za-z\d]{5,6}_[A-Za-z\d]{50,64}"),
    Format("RunPod", "RUNPOD_KEY", "rpa_", r"[A-Z\d]{40,46}"),
    Format("Voyage", "VOYAGE_KEY", "pa-", r"[\w-]{43}", 3.8),
    Format("LlamaIndex", "LLAMACLOUD_KEY", "llx-", r"[A-Za-z\d]{48}"),
    Format("Kaggle", "KAGGLE_TOKEN", "KGAT_", r"[\da-f]{32}"),
    # Other services
    Format("Linear", "LINEAR_KEY", "lin_api_ lin_oauth_", r"[A-Za-z\d]{40,64}"),
    Format("Notion", "NOTION_TOKEN", "secret_", r"[A-Za-z\d]{43}"),
    Format("Notion", "NOTION_TOKEN", "ntn_", r"\d{11}[A-Za-z\d]{35}"),
    Format("Airtable", "AIRTABLE_TOKEN", "pat", r"[A-Za-z\d]{14}\.[\da-f]{64}"),
    Format("ClickUp", "CLICKUP_TOKEN", "pk_", r"\d{5,12}_[A-Z\d]{32}"),
    Format("Figma", "FIGMA_TOKEN", "figd_ figo_", r"[\w-]{38,48}"),
    Format("Contentful", "CONTENTFUL_TOKEN", "CFPAT-", r"[\w-]{43}"),
    Format("Mapbox", "MAPBOX_TOKEN", "sk. pk. tk.", r"(?:eyJ[\w-]{40,120}|[a-z\d]{60})\.[\w-]{22}"),
    Format("Typeform", "TYPEFORM_TOKEN", "tfp_", r"[\w.=-]{59}"),
    Format("Frame.io", "FRAMEIO_TOKEN", "fio-u-", r"[\w=-]{64}"),
    Format("Dropbox", "DROPBOX_TOKEN", "sl.", r"[\w=.-]{130,300}"),
    Format("Adobe", "ADOBE_SECRET", "p8e-", r"[A-Za-z\d]{32}"),
    Format("42", "INTRA42_SECRET", "s-s4t2ud- s-s4t2af-", r"[\da-f]{64}"),
    Format("Authress", "AUTHRESS_KEY", "sc_ ext_ scauth_ authress_",
           r"[a-z\d]{5,30}\.[a-z\d]{4,6}\.acc[_-][a-z\d-]{10,32}\.[A-Za-z\d+/_=-]{30,120}"),
    Format("Stytch", "STYTCH_SECRET", "secret-live- secret-test-", r"[\w-]{36}="),
    Format("Facebook", "FACEBOOK_TOKEN", "EAA", r"[A-Za-z\d]{80,400}"),
    Format("Instagram", "INSTAGRAM_TOKEN", "IGQ", r"[\w-]{100,300}"),
    Format("Ubidots", "UBIDOTS_TOKEN", "BBFF-", r"[A-Za-z\d]{30}"),
)  # fmt: skip


@cache
def _shape(row: Format) -> re.Pattern[str]:
    marks = "|".join(re.escape(mark) for mark in row.marks.split())
    # What is searched has at most ``_MOST`` characters.
    return re.compile(rf"(?:{marks})({row.rest})(?![A-Za-z0-9_-])", re.ASCII)


def _by_head() -> dict[str, tuple[Format, ...]]:
    """The formats by the first characters of their marks, the longest marks first."""
    heads: dict[str, list[tuple[int, Format]]] = {}
    for row in FORMATS:
        for mark in row.marks.split():
            heads.setdefault(mark[:_HEAD], []).append((len(mark), row))
    return {
        head: tuple(dict.fromkeys(row for _, row in sorted(rows, key=lambda one: -one[0])))
        for head, rows in heads.items()
    }


_HEADS: Final = _by_head()


def _marked(found: Candidate) -> list[Reading] | None:
    """The format that a value with a mark has, and how much of it belongs to it."""
    if found.before[-1:].isalnum():
        return None
    for row in _HEADS.get(found.value[:_HEAD], ()):
        if row.within not in found.value:
            continue
        match = _shape(row).match(found.value)
        if match is None or (match.end() == len(found.value) and found.after.isalnum()):
            continue
        if row.least == 0 or _is_random(match[1], row.least):
            shown = _is_shown(match[0])
            return None if shown else [Reading(row.entity, 0.95, match.end())]
    return None


def _is_random(rest: str, least: float) -> bool:
    return entropy(rest) >= least and not is_placeholder(rest)


def _is_shown(value: str) -> bool:
    """Whether it is a key that documentation shows."""
    return "EXAMPLE" in value or "example" in value


_FIRST: Final = re.compile(r"(\[[^]]+\]|\\d)\{(\d+)")
"""What an expression begins with: so many characters of one class."""


def _beginning(row: Format) -> str:
    """An expression of what keys of a format begin with, where that is told from any characters."""
    marks = "|".join(re.escape(mark) for mark in row.marks.split())
    first = _FIRST.match(row.rest)
    return f"(?:{marks})" + (f"{first[1]}{{{min(int(first[2]), _TELLING)}}}" if first else "")


_ENTITIES: Final = sorted({row.entity for row in FORMATS})
_MARKS: Final = sorted({mark for row in FORMATS for mark in row.marks.split()})
MARKED: Final[Detector] = make(
    "secrets",
    _ENTITIES[0],
    rf"\b(?:{'|'.join(re.escape(mark) for mark in _MARKS)}){_CHARS}{{8,{_MOST}}}",
    _marked,
    window=_MOST + 40,
    rule="marked",
    others=tuple(_ENTITIES[1:]),
    zones=Zones(
        Around(rf"\b(?:{'|'.join(_beginning(row) for row in FORMATS if not row.within)})"),
        *(Around(row.within, before=_MOST + 40) for row in FORMATS if row.within),
    ),
)
"""Finds every format of the table."""
