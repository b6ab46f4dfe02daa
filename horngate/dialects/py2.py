"""Translate Python 2 programs to Python 3 by fissix, the maintained lib2to3."""

FIXES = (
    "basestring",
    "dict",
    "except",
    "exec",
    "execfile",
    "filter",
    "funcattrs",
    "has_key",
    "imports",
    "input",
    "itertools",
    "itertools_imports",
    "long",
    "map",
    "methodattrs",
    "ne",
    "next",
    "nonzero",
    "numliterals",
    "paren",
    "print",
    "raise",
    "raw_input",
    "reduce",
    "repr",
    "standarderror",
    "throw",
    "tuple_params",
    "types",
    "unicode",
    "urllib",
    "xrange",
    "zip",
)


def translated(source: str, name: str = "program") -> str:
    """Return the text of a Python 2 program in Python 3; text in Python 3 is returned unchanged.

    Raises ImportError if fissix is not installed (`pip install '.[py2]'`).
    """
    try:
        compile(source, name, "exec")
        if "xrange" not in source and "cPickle" not in source and "urllib2" not in source:
            return source
    except SyntaxError:
        pass
    try:
        from fissix.pgen2.parse import ParseError
        from fissix.refactor import RefactoringTool
    except ImportError as error:
        raise ImportError("--py2 needs a package: pip install '.[py2]' where horngate was unpacked") from error
    tool = RefactoringTool([f"fissix.fixes.fix_{fix}" for fix in FIXES])
    try:
        return str(tool.refactor_string(source.rstrip() + "\n", name))
    except ParseError as error:
        raise SyntaxError(f"{name} is neither Python 3 nor Python 2 that can be translated: {error}") from error
