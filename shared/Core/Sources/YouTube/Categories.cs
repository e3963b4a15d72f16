namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>YouTube's video categories by id (https://developers.google.com/youtube/v3/docs/videoCategories), those a video can be put into.</summary>
internal static class Categories
{
    public static string? Name(string? id) => id switch
    {
        "1" => "Film & Animation",
        "2" => "Autos & Vehicles",
        "10" => "Music",
        "15" => "Pets & Animals",
        "17" => "Sports",
        "19" => "Travel & Events",
        "20" => "Gaming",
        "22" => "People & Blogs",
        "23" => "Comedy",
        "24" => "Entertainment",
        "25" => "News & Politics",
        "26" => "Howto & Style",
        "27" => "Education",
        "28" => "Science & Technology",
        "29" => "Nonprofits & Activism",
        _ => null,
    };
}
