using System.Collections.Frozen;

namespace ContributionIngest.Core.Model;

/// <summary>Query parameters that say who sent a reader, not which page is meant.</summary>
internal static class TrackingParameters
{
    private static readonly string[] Prefixes = ["utm_", "mtm_", "pk_", "piwik_", "hsa_"];

    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        [
            "fbclid", "gclid", "dclid", "gbraid", "wbraid", "gclsrc", "msclkid", "twclid", "ttclid", "li_fat_id", "igshid", "igsh", "yclid",
            "ysclid", "_openstat", "mc_cid", "mc_eid", "mc_tc", "mkt_tok", "vero_id", "vero_conv", "_hsenc", "_hsmi", "__hssc", "__hstc",
            "__hsfp", "hsctatracking", "oly_anon_id", "oly_enc_id", "rb_clickid", "wickedid", "sc_cid", "s_cid", "srsltid", "_bhlid",
            "_branch_match_id", "_branch_referrer", "__readwiselocation", "campaign_id", "campaign_medium", "campaign_name",
            "campaign_source", "campaign_term", "campaign_content", "itm_campaign", "itm_medium", "itm_source", "hmb_campaign", "hmb_medium",
            "hmb_source", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fb_comment_id", "at_medium", "at_campaign",
            "ns_mchannel", "cmpid", "ref_src", "ref_url",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>These words mean something on many sites, so they go only with a value that names a channel or the site itself.</summary>
    private static readonly FrozenSet<string> Channels = FrozenSet.ToFrozenSet(
        ["rss", "feed", "atom", "rss_feed", "rss-feed", "rssfeed", "newsletter"], StringComparer.OrdinalIgnoreCase);

    /// <param name="parameter"><c>name=value</c> or a bare name.</param>
    /// <param name="host">The host of the address it stands in.</param>
    public static bool Holds(string parameter, string host)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? parameter : parameter[..equals];
        var value = equals < 0 ? "" : parameter[(equals + 1)..];
        if (Names.Contains(name) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            return true;
        return name.ToLowerInvariant() switch
        {
            "ref" or "source" => Channels.Contains(value) || Bare(value).Equals(Bare(host), StringComparison.OrdinalIgnoreCase),
            "amp" => value is "" or "1" or "true",
            _ => false,
        };
    }

    private static string Bare(string host) => host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host[4..] : host;
}
