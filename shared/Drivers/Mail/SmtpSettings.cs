namespace ContributionIngest.Drivers.Mail;

/// <summary>How the connection to the relay becomes secure.</summary>
public enum SmtpSecurity
{
    /// <summary>It does not, so that no password is sent.</summary>
    None,

    /// <summary>By STARTTLS (RFC 3207); nothing is sent where the relay does not offer it.</summary>
    StartTls,

    /// <summary>Before anything is said (implicit TLS, RFC 8314).</summary>
    Tls,
}

/// <param name="User">Null where the relay wants nobody to sign in.</param>
public sealed record SmtpSettings(string Host, int Port, SmtpSecurity Security, string? User, string? Password, string From)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
