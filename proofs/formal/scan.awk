# Reads Coq sources; comments and strings do not count. Prints, with tabs between:
#   bad FILE LINE REASON      what would make a theorem worth less than a proof
#   theorem FILE LINE NAME    what is stated to be proved, with the modules it stands in
# With -v sentences=1 only: sentence FILE FIRST-LINE LAST-LINE.
BEGIN {
    split("Admitted admit Admit give_up Axiom Axioms Parameter Parameters Conjecture Primitive bypass_check", words, " ")
    for (i in words) never[words[i]] = 1
    split("Variable Variables Hypothesis Hypotheses Context", words, " ")
    for (i in words) in_sections[words[i]] = 1
    split("Theorem Lemma Corollary Proposition Property Fact Remark Example", words, " ")
    for (i in words) states[words[i]] = 1
    # What may stand before a command.
    split("Local Global Polymorphic Monomorphic Program Private Time Fail { } - + *", words, " ")
    for (i in words) before[words[i]] = 1
    OFS = "\t"
}

FNR == 1 { start_file() }
{ read_tokens(without_comments($0)) }
END { end_file() }

function start_file()
{
    end_file()
    file = FILENAME
    comments = in_string = open = n = 0
}

function end_file()
{
    if (file == "") return
    if (comments || in_string) bad(FNR, "a comment or string that does not end")
    if (n) end_sentence()
    if (open > 0) bad(FNR, kind[open] " " name[open] " is not seen to end")
}

function bad(line, reason)
{
    if (!sentences) print "bad", file, line, reason
}

# The line with comments (which nest, and may hold strings) and strings as blanks.
function without_comments(text,    code, here)
{
    code = ""
    while (text != "") {
        if (in_string) {
            here = index(text, "\"")
            if (!here) return code
            in_string = 0
            text = substr(text, here + 1)
        } else if (comments) {
            if (!match(text, /\(\*|\*\)|"/)) return code
            here = substr(text, RSTART, 1)
            if (here == "\"") in_string = 1
            else comments += here == "(" ? 1 : -1
            text = substr(text, RSTART + RLENGTH)
        } else {
            if (!match(text, /\(\*|"/)) return code text
            code = code substr(text, 1, RSTART - 1) " "
            if (substr(text, RSTART, 1) == "\"") { in_string = 1; code = code "\" " } else comments = 1
            text = substr(text, RSTART + RLENGTH)
        }
    }
    return code
}

# Collects words and signs up to the full stop of a sentence: one that a blank or the end of the line follows.
function read_tokens(text,    token, dots)
{
    while (match(text, /[A-Za-z_][A-Za-z0-9_']*|\.+|:=|[^ \t\r]/)) {
        token = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        at[++n] = token
        line[n] = FNR
        if (token ~ /^\./ && token != ".." && (text == "" || text ~ /^[ \t\r]/)) end_sentence()
    }
}

function is_section() { return open > 0 && kind[open] == "Section" }

function end_sentence(    i, first, k, prefix)
{
    if (sentences) {
        print "sentence", file, line[1], line[n]
        n = 0
        return
    }
    for (first = 1; first <= n; first++) {
        if (at[first] == "#" && at[first + 1] == "[") {
            while (first < n && at[first] != "]") first++
        } else if (!(at[first] in before)) break
    }
    for (i = 1; i < first && at[i] != "Fail"; i++);
    if (i < first) {
        # It opens and closes nothing.
    } else if (at[first] == "Section") {
        kind[++open] = "Section"
        name[open] = at[first + 1]
    } else if (at[first] == "Module") {
        k = first + 1
        while (at[k] == "Type" || at[k] == "Import" || at[k] == "Export") k++
        for (i = k; i <= n && at[i] != ":="; i++);
        if (i > n) {
            kind[++open] = "Module"
            name[open] = at[k]
        }
    } else if (at[first] == "End" && open > 0 && name[open] == at[first + 1]) {
        open--
    }
    for (i = 1; i <= n; i++) {
        if (at[i] in never) bad(line[i], at[i])
        else if (at[i] in in_sections && !is_section()) bad(line[i], at[i] " outside a section")
        else if (at[i] == "Unset" && at[i + 2] == "Checking") bad(line[i], "Unset " at[i + 1] " Checking")
    }
    if (at[first] == "Declare" && at[first + 1] ~ /^(Instance|Module|ML)$/) bad(line[first], "Declare " at[first + 1])
    if (at[first] == "Load") bad(line[first], "Load: its text is not looked at")
    if (at[first] == "Add" && at[first + 1] ~ /^(LoadPath|Rec|ML)$/) bad(line[first], "Add " at[first + 1])
    if (at[first] in states) {
        prefix = ""
        for (i = 1; i <= open; i++) if (kind[i] == "Module") prefix = prefix name[i] "."
        print "theorem", file, line[first], prefix at[first + 1]
    }
    n = 0
}
