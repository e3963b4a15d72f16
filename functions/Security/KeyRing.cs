using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace ContributionIngest.Functions.Security;

/// <summary>
/// The key ring of data protection, shared by all instances: one blob a key in container <c>keys</c>, each in an envelope of <see cref="SecretEnvelopes"/>.
/// The framework asks for it synchronously, once a day.
/// </summary>
internal sealed class KeyRing(IBlobs blobs) : IXmlRepository
{
    internal const string Prefix = "ring/";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    public IReadOnlyCollection<XElement> GetAllElements() => Task.Run(ReadAsync).GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => Task.Run(() => blobs.PutAsync(
        SecretEnvelopes.Container, Prefix + friendlyName, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)), CancellationToken.None)).GetAwaiter().GetResult();

    private async Task<IReadOnlyCollection<XElement>> ReadAsync()
    {
        var elements = new List<XElement>();
        await foreach (var name in blobs.ListAsync(SecretEnvelopes.Container, Prefix, CancellationToken.None))
        {
            if (await blobs.GetAsync(SecretEnvelopes.Container, name, CancellationToken.None) is { } bytes)
                elements.Add(XElement.Parse(Encoding.UTF8.GetString(bytes)));
        }

        return elements;
    }

    public static IServiceCollection Add(IServiceCollection services)
    {
        // AES-GCM makes shorter texts than the default, AES-CBC with HMAC, and a digest has hundreds of links.
        services.AddDataProtection().SetApplicationName("ContributionIngest")
            .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });

        // It would read the ring at every start; it is read when it is first needed.
        foreach (var loader in services.Where(service => service.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            services.Remove(loader);
        services.AddOptions<KeyManagementOptions>().Configure<IBlobs, SecretEnvelopes>((options, blobs, envelopes) =>
            (options.XmlRepository, options.XmlEncryptor) = (new KeyRing(blobs), new KeyRingEncryptor(envelopes)));
        return services.AddSingleton(provider => Cipher(provider.GetRequiredService<IDataProtectionProvider>()));
    }

    /// <summary>Protects the ring with the newest key of the envelopes, and adds a key to it.</summary>
    /// <param name="delay">After which the new key is used.</param>
    public static async Task RotateAsync(IBlobs blobs, SecretEnvelopes envelopes, TimeProvider clock, TimeSpan delay, CancellationToken cancel)
    {
        var ring = new KeyRing(blobs);
        await foreach (var name in blobs.ListAsync(SecretEnvelopes.Container, Prefix, cancel))
        {
            if (await blobs.GetAsync(SecretEnvelopes.Container, name, cancel) is not { } bytes)
                continue;
            var element = XElement.Parse(Encoding.UTF8.GetString(bytes));
            foreach (var envelope in element.Descendants(KeyRingEncryptor.Element).ToList())
            {
                if (await envelopes.UnprotectAsync(KeyRingEncryptor.Purpose, envelope.Value, cancel) is { } key)
                    envelope.Value = await envelopes.ProtectAsync(KeyRingEncryptor.Purpose, key, cancel);
            }

            ring.StoreElement(element, name[Prefix.Length..]);
        }

        await using var services = Add(new ServiceCollection().AddLogging().AddSingleton(blobs).AddSingleton(envelopes)).BuildServiceProvider();
        var start = clock.GetUtcNow() + delay;
        services.GetRequiredService<IKeyManager>().CreateNewKey(start, start + Lifetime);
    }

    /// <summary>The keys of the ring in clear, by name.</summary>
    /// <exception cref="ArchiveException">One of them cannot be read with the keys of this process.</exception>
    internal static async Task<IReadOnlyDictionary<string, string>> ReadAsync(IBlobs blobs, SecretEnvelopes envelopes, CancellationToken cancel)
    {
        var ring = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var name in blobs.ListAsync(SecretEnvelopes.Container, Prefix, cancel))
        {
            if (await blobs.GetAsync(SecretEnvelopes.Container, name, cancel) is not { } bytes)
                continue;
            ring[name[Prefix.Length..]] = await ChangedAsync(Encoding.UTF8.GetString(bytes), envelope => envelopes.UnprotectAsync(KeyRingEncryptor.Purpose, envelope, cancel))
                ?? throw new ArchiveException("The keys of what is secret in this store cannot all be read. Set SecretKeys as the app has them, or leave the passphrase out: accounts are connected again then, and everybody signs in again.");
        }

        return ring;
    }

    /// <summary>Adds keys in clear to the ring, protected by the newest key of the envelopes.</summary>
    internal static async Task AddAsync(IBlobs blobs, SecretEnvelopes envelopes, IReadOnlyDictionary<string, string> ring, CancellationToken cancel)
    {
        foreach (var (name, open) in ring)
        {
            if (await ChangedAsync(open, async text => await envelopes.ProtectAsync(KeyRingEncryptor.Purpose, text, cancel)) is { } element)
                await blobs.PutAsync(SecretEnvelopes.Container, Prefix + name, Encoding.UTF8.GetBytes(element), cancel);
        }
    }

    /// <summary>Null if one of its envelopes cannot be changed.</summary>
    private static async Task<string?> ChangedAsync(string xml, Func<string, Task<string?>> change)
    {
        var element = XElement.Parse(xml);
        foreach (var envelope in element.Descendants(KeyRingEncryptor.Element).ToList())
        {
            if (await change(envelope.Value) is not { } value)
                return null;
            envelope.Value = value;
        }

        return element.ToString(SaveOptions.DisableFormatting);
    }

    private static SecretCipher Cipher(IDataProtectionProvider provider)
    {
        return new SecretCipher((purpose, secret) => Protector(purpose).Protect(secret), Unprotect);

        IDataProtector Protector(string purpose) => provider.CreateProtector("secret", purpose);

        byte[]? Unprotect(string purpose, byte[] encrypted)
        {
            try
            {
                return Protector(purpose).Unprotect(encrypted);
            }
            catch (CryptographicException)
            {
                return null;
            }
        }
    }
}

/// <summary>Encrypts keys of the ring.</summary>
internal sealed class KeyRingEncryptor(SecretEnvelopes envelopes) : IXmlEncryptor
{
    public const string Element = "envelope";
    public const string Purpose = "key ring";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var text = plaintextElement.ToString(SaveOptions.DisableFormatting);
        return new EncryptedXmlInfo(
            new XElement(Element, Task.Run(() => envelopes.ProtectAsync(Purpose, text, CancellationToken.None)).GetAwaiter().GetResult()), typeof(KeyRingDecryptor));
    }
}

/// <summary>Created by the framework when it reads the ring.</summary>
internal sealed class KeyRingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    /// <exception cref="CryptographicException">None of the keys decrypts it.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        var envelopes = services.GetRequiredService<SecretEnvelopes>();
        return Task.Run(() => envelopes.UnprotectAsync(KeyRingEncryptor.Purpose, encryptedElement.Value, CancellationToken.None)).GetAwaiter().GetResult() is { } text
            ? XElement.Parse(text)
            : throw new CryptographicException("None of the keys in SecretKeys, nor the generated one, decrypts the key ring.");
    }
}
