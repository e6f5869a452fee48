#!/usr/bin/env bash
# What `make proofs` must refuse, it refuses, with the line that names it: on a small tree of Coq files made here.
# shellcheck disable=SC2317 # functions are called through exits
. tests/tap.sh

formal=$TMP/formal
mkdir "$formal" "$TMP/gate"
cp proofs/formal/{prove.sh,scan.awk,formal.mk,axioms.txt} "$TMP/gate/"

# What only looks like something unproved, and what is allowed: each comment, string and section here has to pass.
cat >"$formal/base.v" <<'V'
(** No Axiom, nothing Admitted (* "*)" Parameter x : nat. *) and no Variable. *)
Goal True. idtac "Admitted. (* Axiom false : False. ""admit"" ". exact I. Qed.
Definition admitted := 0. Definition parameters' := admitted.
Section Lists.
Variable A : Type.
Context (a : A) {B : Type}.
Hypothesis same : forall b c : A, b = c.
Variables (x y : A).
Lemma all_same : x = y. Proof. apply same. (* admit. *) Qed.
Section Inner.
Variable z : A.
End Inner.
Let w := x.
End Lists.
V
cat >"$formal/c01_sums.v" <<'V'
From Iclab Require Import base.
Theorem c01_sum
  (n : nat) : n + 0 = n.
Proof. induction n as [| n step]; [ reflexivity | simpl; now rewrite step ]. Qed.
Module Other.
Lemma c01_zero : 1 + 0 = 1. Proof. apply c01_sum. Qed.
End Other.
V
registry() # THEOREM...: the cells of its rows
{
    printf '# a comment\nid\ttheorem\tenclosure\n'
    printf 'c01.a\t%s\tc01_unproved\n' "$@"
} >"$TMP/claims.tsv"
registry c01_sum -
prove() { FORMAL=$formal PROOFS_OUT=$TMP/objects CLAIMS=$TMP/claims.tsv bash "$TMP/gate/prove.sh" "$@"; }
problems() { sed "s,$TMP/,,g" "$TMP/err" | grep -E '^(formal|claims.tsv)[^ ]*: ' || true; }

# One row a disguise: it has to be found in its line, and nowhere else.
scan() { awk -f proofs/formal/scan.awk "$@"; }
is "nothing is found where nothing is" "$(scan "$formal"/*.v | grep ^bad)" ""
cat >"$TMP/expected.tsv" <<'T'
Lemma a : 1 = 2. Admitted.	Admitted
Lemma a : 1 = 2. Proof. { idtac. admit. } Qed.	admit
Lemma a : 1 = 2. Proof. all: try (left; admit) || give_up.	admit give_up
Next Obligation. Admitted.	Admitted
Admit Obligations of f.	Admit
Axiom a : False.	Axiom
#[local] Axiom a : False.	Axiom
Local Axioms (a : False).	Axioms
Time Polymorphic Axiom a : False.	Axiom
"Axiom"(* *)Axiom a : False.	Axiom
(* "*)" *)Parameter a : nat.	Parameter
Parameters a b : nat.	Parameters
Conjecture a : 1 = 2.	Conjecture
Variable a : nat.	Variable outside a section
Section A. End A. Variables a b : nat.	Variables outside a section
Hypothesis a : 1 = 2.	Hypothesis outside a section
Section A. Section B. End B. End A. Hypotheses a b : 1 = 2.	Hypotheses outside a section
Context {A : Type}.	Context outside a section
Module M. Context {A : Type}. End M.	Context outside a section
Unset Guard Checking.	Unset Guard Checking
Local Unset Positivity Checking.	Unset Positivity Checking
#[global] Unset Universe Checking.	Unset Universe Checking
#[bypass_check(guard)] Fixpoint f (n : nat) : nat := f n.	bypass_check
Primitive int := #int63_type.	Primitive
Declare Instance a : inhabited nat.	Declare Instance
Declare Module M : T.	Declare Module
Declare ML Module "x".	Declare ML
Load "x".	Load: its text is not looked at
Add LoadPath "x" as X.	Add LoadPath
Fail Section A. Variable a : nat.	Variable outside a section
Section A. Timeout 5 End A.	Section A is not seen to end
(* a comment	a comment or string that does not end
T
while IFS=$'\t' read -r text found; do
    printf 'Definition zero := 0. Definition one := 1.\n%s\n' "$text" >"$TMP/one.v"
    is "found: $text" "$(scan "$TMP/one.v" | awk -F '\t' '$1 == "bad" { printf "%s%s %s", sep, $3, $4; sep = "; " }')" "$(
        case $found in 'admit give_up') echo "2 admit; 2 give_up" ;; *) echo "2 $found" ;; esac)"
done <"$TMP/expected.tsv"

if ! command -v coqc >/dev/null; then
    skip "the gate on a small tree" "no coqc: make proofs, or make test PROOFS=1, installs it"
    done_testing
fi

exits "a sound tree" 0 prove
is "a sound tree: compiled" "$(grep -c COQ "$TMP/err")" 2
like "a sound tree: a theorem" "$(cat "$TMP/out")" '^c01_sum +c01_sums.v:2 +none$'
like "a sound tree: a theorem in a module" "$(cat "$TMP/out")" '^Other\.c01_zero +c01_sums.v:6 +none$'
like "a sound tree: counted" "$(cat "$TMP/out")" '^2 theorems in 2 files; compiled in [0-9]+ s, looked at in [0-9]+ s$'
is "a sound tree: the sources lie alone" "$(cd "$formal" && echo *)" "base.v c01_sums.v"
cp "$TMP/out" "$TMP/first"
exits "a second time" 0 prove
is "a second time: nothing done" "$(cat "$TMP/err")" ""
ok "a second time: the same" cmp "$TMP/first" "$TMP/out"
touch "$formal/c01_sums.v"
exits "one file touched" 0 prove
is "one file touched: that alone is compiled" "$(grep -c COQ "$TMP/err") $(grep -c c01_sums "$TMP/err")" "1 1"
touch "$formal/base.v"
exits "what it uses touched" 0 prove
is "what it uses touched: both are compiled" "$(grep -c COQ "$TMP/err")" 2
# A checkout or a copy may give a changed file a time before that of its object.
cp -p "$formal/c01_sums.v" "$TMP/sound.v"
echo 'Theorem c01_late : 1 = 2. Proof. reflexivity. Qed.' >>"$formal/c01_sums.v"
touch -d 2001-01-01 "$formal/c01_sums.v"
exits "a false proof with an old time" 1 prove
like "a false proof with an old time: said" "$(cat "$TMP/err")" "c01_sums.v: does not compile\$"
cp -p "$TMP/sound.v" "$formal/c01_sums.v"
exits "the sound one again" 0 prove
exits "recheck" 0 prove --recheck
like "recheck: counted" "$(cat "$TMP/out")" '^coqchk accepts 2 files; no axiom beyond axioms.txt; [0-9]+ s$'

# refused NAME EXPECTED-LINES [--recheck]: the gate ends with 1 and says these lines, no others.
refused()
{
    exits "$1" 1 prove "${@:3}"
    is "$1: said" "$(problems)" "$2"
}
# with FILE NAME EXPECTED: the text of standard input as a further file.
with()
{
    cat >"$formal/$1"
    refused "$2" "$3"
    rm -f "$formal/$1"
}

with c02_open.v "Admitted" "formal/c02_open.v:2: Admitted
formal/c02_open.v:1: c02_open: rests on c02_open.c02_open, which axioms.txt does not list" <<'V'
Theorem c02_open : 1 = 2.
Admitted.
V
with c02_axiom.v "an axiom" "formal/c02_axiom.v:2: Axiom
formal/c02_axiom.v:3: c02_false: rests on c02_axiom.a, which axioms.txt does not list" <<'V'
Definition zero := 0.
Axiom a : False.
Theorem c02_false : 1 = 2. Proof. destruct a. Qed.
V
with c02_parameter.v "a parameter that no theorem uses" "formal/c02_parameter.v:1: Parameter" <<'V'
Parameter a : nat.
V
with c02_variable.v "a variable outside a section" "formal/c02_variable.v:1: Variable outside a section
formal/c02_variable.v:2: c02_true: rests on c02_variable.H, which axioms.txt does not list" <<'V'
Variable H : 1 = 2.
Theorem c02_true : 1 = 2. Proof. exact H. Qed.
V
cat >"$formal/c02_guard.v" <<'V'
Unset Guard Checking.
Fixpoint f (n : nat) : False := f n.
Theorem c02_false : False. Proof. exact (f 0). Qed.
V
exits "a recursion without end" 1 prove
like "a recursion without end: the command" "$(problems)" '^formal/c02_guard.v:1: Unset Guard Checking$'
like "a recursion without end: Coq says so, too" "$(problems)" '^formal/c02_guard.v:3: c02_false: rests on c02_guard.f .*which axioms.txt does not list$'
rm "$formal/c02_guard.v"
with c02_epsilon.v "an axiom of a library" "formal/c02_epsilon.v:2: c02_choice: rests on Epsilon.epsilon_statement, which axioms.txt does not list" <<'V'
From Coq Require Import Epsilon.
Theorem c02_choice : exists n : nat, n = n.
Proof. exists (proj1_sig (epsilon_statement (fun n : nat => n = n) (inhabits 0))). reflexivity. Qed.
V
with c02_broken.v "a file that does not compile" "formal/c02_broken.v: does not compile" <<'V'
Theorem c02_broken : 1 = 2. Proof. reflexivity. Qed.
V
like "a file that does not compile: where" "$(cat "$TMP/err")" 'c02_broken.v", line 1, characters'
echo 'Theorem c02_broken : 1 = 2. Proof. reflexivity. Qed.' >"$formal/c02_broken.v"
exits "--compile, too" 1 prove --compile
is "--compile: looks at nothing" "$(problems)$(grep theorem "$TMP/out")" ""
rm "$formal/c02_broken.v"
exits "--compile: all sound" 0 prove --compile
with c02_type.v "a theorem that is no proposition" "formal/c02_type.v:1: c02_number: is no proof of a proposition" <<'V'
Theorem c02_number : nat. Proof. exact 0. Qed.
V
with Classical_Prop.v "a file named like one of allowed axioms" "formal/Classical_Prop.v:1: Variable outside a section
formal/Classical_Prop.v:1: named like a file of allowed axioms" <<'V'
Goal True. Fail Section A. exact I. Qed. Variable classic : 1 = 2.
Theorem c02_false : 1 = 2. Proof. exact classic. Qed.
V
mkdir "$formal/deeper"
echo 'Theorem c02_deep : 1 = 1. Proof. reflexivity. Qed.' >"$formal/deeper/c02.v"
refused "a file in a folder of its own" "formal/deeper/c02.v: is not compiled: it lies in a folder of its own"
rm -r "$formal/deeper"

registry c01_sum c01_sum,c01_summ c01_sum,Other.c01_zero all_same said
refused "names of the registry" 'claims.tsv:4: theorem "c01_summ" stands in no file of formal
claims.tsv:7: theorem "said" stands in no file of formal'
printf 'id\tclaim\nc01.a\tc01_sum\n' >"$TMP/claims.tsv"
refused "a registry without theorems" "claims.tsv: no column theorem"
: >"$TMP/claims.tsv"
refused "an empty registry" "claims.tsv: no column theorem"
rm "$TMP/claims.tsv"
exits "no registry" 1 prove
like "no registry: said" "$(problems)" '^claims.tsv: (no column theorem|cannot be read)'
registry -

# What stood once must not help: the object of base.v lies there still.
mv "$formal/base.v" "$TMP/"
refused "a file that is gone" "formal/c01_sums.v: does not compile"
mv "$TMP/base.v" "$formal/"
mv "$formal/c01_sums.v" "$TMP/"
refused "nothing proved" "formal: no theorem of a claim: a name that begins with cNN_"
mv "$TMP/c01_sums.v" "$formal/"
exits "a sound tree again" 0 prove

# The axioms behind the real numbers are allowed, and recheck knows the same list.
cat >"$formal/c02_real.v" <<'V'
From Coq Require Import Reals.
Theorem c02_real (x y : R) : (x + y = y + x)%R. Proof. apply Rplus_comm. Qed.
V
exits "real numbers" 0 prove
like "real numbers: their axioms" "$(cat "$TMP/out")" '^c02_real +c02_real.v:2 .*sig_forall_dec'
rm "$formal/c02_real.v"
echo 'Axiom unused : 1 = 2.' >"$formal/c02_axiom.v"
exits "recheck: an axiom that is there, used or not" 1 prove --recheck
is "recheck: named" "$(grep ^axiom "$TMP/err")" "axiom Iclab.c02_axiom.unused, which axioms.txt does not list"
done_testing
