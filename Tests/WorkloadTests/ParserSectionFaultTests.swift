import Testing

@Suite struct ParserSectionFaultTests {
  static let syntax: [FaultCase] = [
    .top("«nam» = x", "'nam' is not a key of the top of the file; did you mean 'name'?"),
    .top("«Seed» = 1", "did you mean 'seed'?"),
    .top("«xyzzy» = 1", "'xyzzy' is not a key of the top of the file"),
    .top("«mix» = a", "it belongs to [phase NAME]"),
    .top("«length» = 5", "it belongs to [scope NAME]"),
    .top("seed «5»", "'=' is missing after 'seed'"),
    .top("seed«:» 5", "'=' is missing after 'seed': a value follows '=', not ':'"),
    .top("«seed»", "'=' is missing after 'seed'"),
    .top("seed «=»", "'seed' has no value"),
    .top("seed «=» # 5", "'seed' has no value"),
    .top("«=» 5", "expected 'key = value' or a '[section]'"),
    .top("«\"seed\"» = 5", "expected 'key = value' or a '[section]'"),
    .top("«;» a comment", "expected 'key = value'"),
    .top("seed = 1 «2»", "'seed' takes a whole number below 2^64"),
    .top("seed = 1, «2»", "'seed' takes a whole number"),
    .top("seed = 1«;»", "';' has no place here"),
    .top("seed = «=» 1", "'=' has no place here"),
    .top("seed = 1«]»", "']' has no place here"),
    .top("seed = 1«)»", "')' has no place here"),
    .top("seed = 1«\u{2003}»", "(U+2003) has no place here"),
    .top("seed = 1\nthreads = 2\n«seed» = 1", "'seed' is given twice; it stands on line 1 already"),
    .top("name = «web server»", "a name with spaces goes between quotation marks"),
    .top("name = «\"\"»", "the name is empty"),
    .top("name = «50%»", "'name' takes a name"),
    .top("name = «\"open»", "the quotation mark is not closed on this line"),
    .top("description = smile :«(»", "the parenthesis is not closed"),
    .top("description = 5«\" disk»", "the quotation mark is not closed"),
    .top("description = bell«\u{7}»", "a control character (U+0007)"),
    .top("name = \"a«\u{1B}»[2J\"", "a control character (U+001B)"),
    .top("# grüße, 日本\nname = größe«§»", "'§' (U+A7) has no place here"),
    .size("uniform(1,\n  2,\n  «x»=3)", "'x' is not an argument of 'uniform'"),
    .size("uniform«(»1, 2", "the parenthesis is not closed"),
    // Headers
    .top("[«scop» s]\nlength = 1\n[objects a]", "'scop' is not a section; did you mean 'scope'?"),
    FaultCase(
      "[objects a]\nsize = 1\nlifetime = 0\n[«xyzzy»]\nfoo = bar\n", "'xyzzy' is not a section (known: parameters"),
    FaultCase("«[objects]»\nsize = 1\nlifetime = 0\n", "the section needs a name: [objects NAME]"),
    FaultCase("[objects a «b»]\nsize = 1\nlifetime = 0\n", "a section has one name, without spaces"),
    FaultCase("[objects «\"a\"»]\nsize = 1\nlifetime = 0\n", "a section's name is made of letters"),
    FaultCase("«[objects a»\nsize = 1\nlifetime = 0\n", "']' is missing"),
    FaultCase("[objects a] «size» = 1\nsize = 1\nlifetime = 0\n", "nothing may follow a section's header"),
    FaultCase("size = 1\nlifetime = 0\n«[]»\n", "the section has no kind (known: parameters, scope, objects, phase)"),
    FaultCase("size = 1\nlifetime = 0\n[parameters «p»]\n", "[parameters] has no name"),
    FaultCase("size = $n\nlifetime = 0\n[parameters]\nn = 1\n«[parameters]»\n", "it stands on line 3 already"),
    FaultCase(
      "[objects a]\nsize = 1\nlifetime = 0\n[objects «a»]\nsize = 1\nlifetime = 0\n",
      "[objects a] is given twice; it stands on line 1 already"),
    FaultCase("size = 1\nlifetime = 0\n[phase p]\n[phase «p»]\n", "it stands on line 3 already"),
    // What is missing
    FaultCase("«»", "nothing is allocated"),
    FaultCase("«»# only a comment\n", "nothing is allocated"),
    FaultCase("«n»ame = x\n", "nothing is allocated: give 'size' and 'lifetime' at the top"),
    FaultCase("«size» = 64\n", "'lifetime' is missing beside the other keys of the class"),
    FaultCase("threads = 2\n«lifetime» = 64\n", "'size' is missing"),
    FaultCase("[objects «a»]\nsize = 64\n", "'lifetime' is missing in [objects a]"),
    FaultCase("[objects «a»]\nlifetime = 64\n", "'size' is missing in [objects a]"),
    FaultCase("size = 1\nlifetime = 0\n[scope «s»]\n", "'length' is missing in [scope s]"),
    FaultCase(
      "«size» = 64\n[objects a]\nsize = 64\nlifetime = 0\n", "'size' at the top describes a class of its own"),
  ]

  static let meaning: [FaultCase] = [
    // Scopes
    FaultCase(
      "size = 1\nlifetime = scope(a)\n[scope a]\nlength = 1\ninside = «b»\n[scope b]\nlength = 1\ninside = a\n",
      "scopes stand inside each other in a circle: a in b in a"),
    FaultCase(
      "size = 1\nlifetime = scope(a)\n[scope a]\nlength = 1\ninside = «a»\n", "in a circle: a in a"),
    FaultCase(
      "size = 1\nlifetime = 0\n[scope a]\nlength = 1\n[scope b]\nlength = 1\ninside = a\n[scope c]\nlength = 1\n"
        + "inside = «a»\n", "scope 'a' already holds another scope, by line 7; it can hold only one"),
    FaultCase("size = 1\nlifetime = scope(«requst»)\n[scope request]\nlength = 1\n", "did you mean 'request'?"),
    FaultCase("size = 1\nlifetime = 0\n[scope a]\nlength = 1\ninside = «b»\n", "'b' is not a scope (known: a)"),
    // Classes
    .objects("touch = «pagess»", "'pagess' is not a value of 'touch'; did you mean 'pages'?"),
    .objects("touch = «some»", "(known: none, first, pages, all)"),
    .objects("call = «maloc»", "'maloc' is not a way of asking for memory; did you mean 'malloc'?"),
    .objects("call = «aligned»", "'aligned' needs its argument: aligned(64)"),
    .objects("call = aligned(«48»)", "'48' is not a power of two"),
    .objects("call = aligned(«0»)", "too small"),
    .objects("call = aligned(«4G»)", "too large"),
    .objects("call = «aligned(8, 16)»", "'aligned' takes one argument"),
    .objects("call = «malloc 50%, calloc 40%»", "the shares add up to 90%, not to 100%"),
    .objects("call = malloc 50%, «malloc» 50%", "'malloc' stands in the list already"),
    .objects("call = «malloc», calloc 50%", "'malloc' needs a share, such as 50%"),
    .objects("call = «50% malloc», calloc 50%", "the two sides are swapped; write it like 'malloc 80%, calloc 20%'"),
    .objects("call = malloc 1, calloc «50%»", "percentages and plain weights don't mix"),
    .objects("resize = «2»", "'2' is not a percentage"),
    .objects("resize = 25% «factr=3»", "'factr' is not a part of 'resize'; did you mean 'factor'?"),
    .objects("resize = 25% «3»", "'3' is not a part of 'resize'"),
    .objects("resize = 25% factor=«0»", "the factor must be more than 0"),
    .objects("resize = 25% factor=«2x»", "takes no unit"),
    .objects("resize = 25% times=«0»", "too small"),
    .objects("resize = 25% times=2 «times»=3", "'times' is given twice"),
    .objects("resize = «factor=2»", "'resize' takes a percentage"),
    .objects("call = aligned(64)\nresize = «25%»", "objects that are asked for with 'aligned' can't be resized"),
    .objects("freed-by = «othr»", "did you mean 'other'?"),
    .objects("freed-by = «50%»", "the word comes first, as in 'other 50%'"),
    .objects("freed-by = owner «50%»", "'freed-by' takes owner, other"),
    .objects("freed-by = other «50»", "'50' is not a percentage"),
    .objects("«consumers» = 3", "it belongs to [phase NAME]"),
    FaultCase("size = 1\nlifetime = forever\nfreed-by = «other»\n", "objects that live forever can't be freed"),
    FaultCase(
      "size = 1\nlifetime = scope(s)\nfreed-by = «other 5%»\n[scope s]\nlength = 9\n",
      "objects that end with a scope can't be freed by another lane"),
    FaultCase(
      "[objects a]\nsize = 1\nlifetime = 0\nshare = «50%»\n[objects b]\nsize = 1\nlifetime = 0\n",
      "the shares add up to 50%"),
    FaultCase(
      "[objects a]\nsize = 1\nlifetime = 0\nshare = 1\n[objects b]\nsize = 1\nlifetime = 0\nshare = «50%»\n",
      "percentages and plain weights don't mix"),
    FaultCase(
      "[objects a]\nsize = 1\nlifetime = 0\nshare = «100%»\n[objects b]\nsize = 1\nlifetime = 0\n",
      "class 'b' has no share; percentages need one in every class"),
    // Phases
    .phase("mix = a 50%, «c» 50%", "'c' is not a class (known: a, b)"),
    .phase("mix = a 50%, «a» 50%", "class 'a' stands in the mix already"),
    .phase("mix = «a 70%, b 40%»", "the shares add up to 110%"),
    .phase("mix = a 70%, b «3»", "percentages and plain weights don't mix"),
    .phase("mix = «a», b 30%", "'a' needs a share"),
    .phase("mix = «70% a», b 30%", "the two sides are swapped; write it like 'session 60%, scratch 40%'"),
    .phase("mix = «a 0, b 0»", "at least one share must be more than 0"),
    .phase("mix = «a=5», b 5", "expected a form like"),
    .phase("mix = a 50%«,»", "nothing follows the comma"),
    .phase("consumers = «4»", "consumers must be fewer than the phase's threads (4)"),
    .phase("threads = 1\nconsumers = «1»", "consumers must be fewer than the phase's threads (1)"),
    .phase("at-end = «kep»", "did you mean 'keep'?"),
    .phase("thread-life = «never»", "'never' is not a count"),
    .phase("«size» = 5", "it belongs to the top of the file or [objects NAME]"),
    .phase("rate = 5/s\n«rate» = 5/s", "'rate' is given twice"),
    // Parameters
    .size("«$n»", "'n' is not a parameter; the file has no [parameters]"),
    .size("«$»", "a parameter's name must follow '$' at once"),
    .size("«$» n", "a parameter's name must follow '$' at once"),
    FaultCase("size = «$m»\nlifetime = $n\n[parameters]\nn = 1\n", "'m' is not a parameter (known: n)"),
    FaultCase("size = «$nK»\nlifetime = $n\n[parameters]\nn = 1\n", "did you mean 'n'?"),
    FaultCase("size = «$n»\nlifetime = 0\n[parameters]\nn = 4KB\n", "write '4K' ($n is '4KB')"),
    FaultCase("size = «$n»\nlifetime = 0\n[parameters]\nn = big\n", "($n is 'big')"),
    FaultCase("size = 8\nlifetime = 0\n[parameters]\nn = 4\n«n» = 5\n", "parameter 'n' is given twice"),
    FaultCase("size = $a\nlifetime = 0\n[parameters]\na = «$a»\n", "parameter 'a' stands for itself: a → a"),
    FaultCase("size = 1\nlifetime = 0\n[parameters]\na = «$zz»\n", "'zz' is not a parameter"),
  ]

  @Test(arguments: syntax) func `a line that can't be read is pointed at`(fault: FaultCase) { fault.check() }

  @Test(arguments: meaning) func `a value without a meaning is pointed at`(fault: FaultCase) { fault.check() }

  @Test func `there are at least two hundred cases`() {
    let lists = [Self.syntax, Self.meaning, ParserNumberFaultTests.cases, ParserDistributionFaultTests.cases]
    #expect(lists.map(\.count).reduce(0, +) >= 200)
  }
}
