using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// What a GitHub App shows instead of a token: a JSON Web Token (RFC 7519) that it signs itself
/// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
/// </summary>
public static class AppToken
{
    /// <summary>GitHub takes ten minutes at most; its clock may be a minute behind ours.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(1);

    /// <param name="id">The app's id, or its client id.</param>
    /// <param name="key">Its private key as PEM.</param>
    /// <exception cref="ArgumentException">The key is none.</exception>
    public static string Sign(string id, string key, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key);
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"iat":{{(now - Behind).ToUnixTimeSeconds()}},"exp":{{(now + Life).ToUnixTimeSeconds()}},"iss":"{{id}}"}""");
        var text = $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part(claims)}";
#pragma warning disable S5542 // RS256 is this padding (RFC 7518, 3.3), and GitHub takes nothing else.
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
#pragma warning restore S5542
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Whether the text is a private key that can sign.</summary>
    public static bool IsKey(string key)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key);
            return rsa.ExportParameters(includePrivateParameters: true).D is not null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
