using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ContributionIngest.Mutations;

/// <summary>Finds what could be changed in a file. Whether a change compiles, the compiler says later.</summary>
internal sealed class CandidateFinder(string file, SyntaxNode root) : CSharpSyntaxWalker
{
    private static readonly Dictionary<SyntaxKind, string[]> Operators = new()
    {
        [SyntaxKind.LessThanToken] = ["<=", ">="],
        [SyntaxKind.LessThanEqualsToken] = ["<", ">"],
        [SyntaxKind.GreaterThanToken] = [">=", "<="],
        [SyntaxKind.GreaterThanEqualsToken] = [">", "<"],
        [SyntaxKind.EqualsEqualsToken] = ["!="],
        [SyntaxKind.ExclamationEqualsToken] = ["=="],
        [SyntaxKind.AmpersandAmpersandToken] = ["||"],
        [SyntaxKind.BarBarToken] = ["&&"],
        [SyntaxKind.PlusToken] = ["-"],
        [SyntaxKind.MinusToken] = ["+"],
        [SyntaxKind.AsteriskToken] = ["/"],
        [SyntaxKind.SlashToken] = ["*"],
        [SyntaxKind.PercentToken] = ["*"],
        [SyntaxKind.AmpersandToken] = ["|"],
        [SyntaxKind.BarToken] = ["&"],
        [SyntaxKind.PlusEqualsToken] = ["-="],
        [SyntaxKind.MinusEqualsToken] = ["+="],
        [SyntaxKind.BarEqualsToken] = ["&="],
    };

    private static readonly Dictionary<string, string> Names = new[]
    {
        ("Any", "All"), ("First", "Last"), ("FirstOrDefault", "LastOrDefault"), ("OrderBy", "OrderByDescending"), ("Order", "OrderDescending"),
        ("ThenBy", "ThenByDescending"), ("Take", "Skip"), ("TakeWhile", "SkipWhile"), ("TakeLast", "SkipLast"), ("Min", "Max"), ("MinBy", "MaxBy"),
        ("StartsWith", "EndsWith"), ("IndexOf", "LastIndexOf"), ("TrimStart", "TrimEnd"), ("Union", "Intersect"), ("Floor", "Ceiling"),
    }.SelectMany(pair => new[] { pair, (pair.Item2, pair.Item1) }).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>Calls that give back something of the type they are called on.</summary>
    private static readonly HashSet<string> Removable = ["Where", "Distinct", "DistinctBy", "Reverse", "Append", "Prepend", "Concat", "Except", "Trim", "ToLowerInvariant", "Replace"];

    private readonly List<Candidate> found = [];

    public static IReadOnlyList<Candidate> Find(string file, string text)
    {
        var root = CSharpSyntaxTree.ParseText(text).GetRoot();
        var finder = new CandidateFinder(file, root);
        finder.Visit(root);
        return finder.found;
    }

    /// <summary>What has to be constant cannot be chosen while the program runs.</summary>
    public override void Visit(SyntaxNode? node)
    {
        if (node is not (AttributeListSyntax or ParameterSyntax or CaseSwitchLabelSyntax or EnumDeclarationSyntax or ConstantPatternSyntax or RelationalPatternSyntax))
            base.Visit(node);
    }

    public override void VisitFieldDeclaration(FieldDeclarationSyntax node)
    {
        if (!node.Modifiers.Any(SyntaxKind.ConstKeyword))
            base.VisitFieldDeclaration(node);
    }

    public override void VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node)
    {
        if (!node.IsConst)
            base.VisitLocalDeclarationStatement(node);
    }

    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        foreach (var other in Operators.GetValueOrDefault(node.OperatorToken.Kind()) ?? [])
            Replace(node, With(node, node.OperatorToken.Span, other));
        if (node.IsKind(SyntaxKind.CoalesceExpression))
        {
            Replace(node, $"{node.Left}!");
            if (!node.Right.IsKind(SyntaxKind.ThrowExpression))
                Replace(node, node.Right.ToString());
        }

        base.VisitBinaryExpression(node);
    }

    public override void VisitIsPatternExpression(IsPatternExpressionSyntax node)
    {
        if (node.Parent is not (IfStatementSyntax or WhileStatementSyntax or ConditionalExpressionSyntax))
            Replace(node, $"!({node})");
        foreach (var relation in node.DescendantNodes().OfType<RelationalPatternSyntax>())
        {
            foreach (var other in Operators.GetValueOrDefault(relation.OperatorToken.Kind()) ?? [])
                Replace(node, With(node, relation.OperatorToken.Span, other));
        }

        base.VisitIsPatternExpression(node);
    }

    public override void VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        foreach (var other in Operators.GetValueOrDefault(node.OperatorToken.Kind()) ?? [])
        {
            if (node.Parent is ExpressionStatementSyntax statement)
                Add(statement, "{ if (", $") {{ {With(node, node.OperatorToken.Span, other)}; }} else {{ ", " } }", With(node, node.OperatorToken.Span, other));
            else
                Replace(node, With(node, node.OperatorToken.Span, other));
        }

        base.VisitAssignmentExpression(node);
    }

    public override void VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.LogicalNotExpression) || node.IsKind(SyntaxKind.UnaryMinusExpression))
            Replace(node, node.Operand.ToString());
        base.VisitPrefixUnaryExpression(node);
    }

    public override void VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.TrueLiteralExpression))
            ReplaceShown(node, "false");
        else if (node.IsKind(SyntaxKind.FalseLiteralExpression))
            ReplaceShown(node, "true");
        else if (node.IsKind(SyntaxKind.NumericLiteralExpression))
            ReplaceShown(node, $"{node} + 1");
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (node.Expression is MemberAccessExpressionSyntax { Name: SimpleNameSyntax name } access)
        {
            if (Names.TryGetValue(name.Identifier.Text, out var other))
                Replace(node, With(node, name.Identifier.Span, other));
            if (Removable.Contains(name.Identifier.Text))
                Replace(node, access.Expression.ToString());
        }

        base.VisitInvocationExpression(node);
    }

    public override void VisitIfStatement(IfStatementSyntax node)
    {
        Decide(node.Condition, canHold: true);
        base.VisitIfStatement(node);
    }

    public override void VisitWhileStatement(WhileStatementSyntax node)
    {
        Decide(node.Condition, canHold: false);
        base.VisitWhileStatement(node);
    }

    public override void VisitDoStatement(DoStatementSyntax node)
    {
        Decide(node.Condition, canHold: false);
        base.VisitDoStatement(node);
    }

    public override void VisitWhenClause(WhenClauseSyntax node)
    {
        Decide(node.Condition, canHold: true);
        base.VisitWhenClause(node);
    }

    public override void VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        Decide(node.Condition, canHold: true);
        base.VisitConditionalExpression(node);
    }

    public override void VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        Remove(node);
        base.VisitExpressionStatement(node);
    }

    public override void VisitThrowStatement(ThrowStatementSyntax node)
    {
        Remove(node);
        base.VisitThrowStatement(node);
    }

    public override void VisitReturnStatement(ReturnStatementSyntax node)
    {
        if (node.Expression is null)
            Remove(node);
        base.VisitReturnStatement(node);
    }

    public override void VisitContinueStatement(ContinueStatementSyntax node) => Remove(node);

    public override void VisitBreakStatement(BreakStatementSyntax node)
    {
        if (node.Parent is not SwitchSectionSyntax)
            Remove(node);
    }

    private static string With(SyntaxNode node, TextSpan part, string other)
    {
        var start = node.SpanStart;
        return node.ToString().Remove(part.Start - start, part.Length).Insert(part.Start - start, other);
    }

    private void Replace(SyntaxNode node, string mutated) => Add(node, "(", $" ? ({mutated}) : (", "))", mutated);

    /// <summary>Shown with what is around it, because a member has the same literal often.</summary>
    private void ReplaceShown(SyntaxNode node, string mutated)
    {
        var around = node.Parent switch
        {
            ArgumentSyntax { Parent.Parent: { } call } => call,
            EqualsValueClauseSyntax { Parent: { } declared } => declared,
            var parent => parent!,
        };
        Add(node, "(", $" ? ({mutated}) : (", "))", With(around, node.Span, mutated), around);
    }

    /// <summary>In forms that keep the variables of a pattern assigned.</summary>
    private void Decide(ExpressionSyntax condition, bool canHold)
    {
        Add(condition, "(!", " && (", "))", "false");
        if (canHold && !condition.IsKind(SyntaxKind.TrueLiteralExpression))
            Add(condition, "(", " || (", "))", "true");
    }

    private void Remove(StatementSyntax node) => Add(node, "{ if (!", ") { ", " } }", "(removed)");

    private void Add(SyntaxNode node, string before, string between, string after, string mutated, SyntaxNode? shown = null)
    {
        var member = node.FirstAncestorOrSelf<MemberDeclarationSyntax>();
        var isAtStart = member is FieldDeclarationSyntax or PropertyDeclarationSyntax { Initializer: not null } && member.Modifiers.Any(SyntaxKind.StaticKeyword);
        var line = root.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
        found.Add(new Candidate(
            file, Name(member), line, node.Span, before + "global::ContributionIngest.Core.Mutant.Is(", ")" + between, after,
            Candidate.Shorten((shown ?? node).ToString()), Candidate.Shorten(mutated), isAtStart));
    }

    private static string Name(MemberDeclarationSyntax? member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        FieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax => "operator",
        IndexerDeclarationSyntax => "indexer",
        _ => "",
    };
}
