namespace ContributionIngest.Core;

/// <summary>
/// Why a file or folder cannot be used, as the end of a sentence. The framework's own messages are not shown: they differ between systems, and a program
/// without its texts has only their names.
/// </summary>
public static class FileErrors
{
    // Linux and macOS, then Windows.
    private static readonly int[] InUse = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];
    private static readonly int[] ReadOnly = [30, unchecked((int)0x80070013)];
    private static readonly int[] Full = [28, 69, 122, unchecked((int)0x80070027), unchecked((int)0x80070070)];
    private static readonly int[] Exists = [17, unchecked((int)0x80070050), unchecked((int)0x800700B7)];

    /// <summary>Another process has the file open.</summary>
    public static bool IsInUse(Exception error) => error is IOException && InUse.Contains(error.HResult);

    public static string Reason(Exception error) => error switch
    {
        FileNotFoundException => "there is no such file or folder",
        DirectoryNotFoundException => "the folder it should be in does not exist",
        PathTooLongException => "its name is too long",
        UnauthorizedAccessException => "this user has no permission, or it is a folder where a file is needed",
        _ when IsInUse(error) => "another process is using it",
        _ when ReadOnly.Contains(error.HResult) => "the file system is read-only",
        _ when Full.Contains(error.HResult) => "the disk is full",
        _ when Exists.Contains(error.HResult) => "there is a file of that name",
        _ => $"the system reports error {error.HResult}",
    };
}
