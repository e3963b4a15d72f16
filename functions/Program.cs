using ContributionIngest.Functions.Cli;

return await CommandLineApp.RunAsync(args);
