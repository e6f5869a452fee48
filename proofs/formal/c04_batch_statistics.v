(** c04: batch statistics, pooled over batches, can raise mutual information. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import gates small_laws.
Import ListNotations.
Open Scope R_scope.

(** Two coins a, b name one of four batches, a third one i is tossed within it. Where a shows its first side, x is b and
    y is i; else x is i and y is 0. So in each batch one of the two is constant. *)
Definition within (batch : bool * bool) (i : bool) : R * R :=
  (number (if fst batch then snd batch else i), number (andb (fst batch) i)).
Definition drawn (w : (bool * bool) * bool) : (bool * bool) * (R * R) := (fst w, within (fst w) (snd w)).
Definition four_batches : law ((bool * bool) * (R * R)) := push drawn (product (product coin coin) coin).
Definition batch_mean_x (batch : bool * bool) : R := if fst batch then number (snd batch) else 1 / 2.
Definition batch_mean_y (batch : bool * bool) : R := if fst batch then 1 / 2 else 0.

Lemma batch_means batch :
  expectation four_batches (fun o => indicator (equal (fst o) batch) * (fst (snd o) - batch_mean_x batch)) = 0 /\
  expectation four_batches (fun o => indicator (equal (fst o) batch) * (snd (snd o) - batch_mean_y batch)) = 0.
Proof.
  unfold four_batches, drawn, within. rewrite !expectation_push. unfold expectation.
  cbn [support mass product bernoulli coin list_prod map app sum fst snd andb number].
  unfold indicator, batch_mean_x, batch_mean_y. destruct batch as [[] []]; cbn [fst snd number];
    decide_outcomes; lra.
Qed.
Lemma batch_mass {V} `{eq_dec V} (seen : R * R -> V) batch v :
  mass (push (fun o => (fst o, seen (snd o))) four_batches) (batch, v) =
  mass (product coin coin) batch * mass (push (fun i => seen (within batch i)) coin) v.
Proof.
  unfold four_batches. rewrite push_push.
  rewrite (keyed_mass (product coin coin) coin _ (fun b => b) (fun b i => seen (within b i)) (batch, v) batch v).
  - now rewrite mass_push_id.
  - intros b i. unfold drawn. cbn [fst snd]. split; [intros E; now inversion E|now intros [<- <-]].
Qed.
Lemma batch_pair_mass batch xy :
  mass four_batches (batch, xy) = mass (product coin coin) batch * mass (push (within batch) coin) xy.
Proof.
  rewrite <- (batch_mass (fun w => w)), <- (mass_push_id four_batches). apply push_ext. now intros [b w] _.
Qed.
Lemma batch_first : same_law (first four_batches) (product coin coin).
Proof.
  intros b. unfold first, four_batches. rewrite push_push. apply (first_product (product coin coin) coin).
Qed.
(** One of the two is constant. *)
Lemma within_apart batch x y :
  mass (push (within batch) coin) (x, y) =
  mass (push (fun i => fst (within batch i)) coin) x * mass (push (fun i => snd (within batch i)) coin) y.
Proof.
  rewrite !push_sum. cbn [support coin bernoulli sum mass]. unfold within.
  destruct batch as [[] []]; cbn [fst snd andb number]; decide_outcomes; lra.
Qed.
Lemma batch_apart batch x y :
  mass four_batches (batch, (x, y)) * mass (first four_batches) batch =
  mass (push (fun o => (fst o, fst (snd o))) four_batches) (batch, x) *
  mass (push (fun o => (fst o, snd (snd o))) four_batches) (batch, y).
Proof. rewrite batch_pair_mass, (batch_mass fst), (batch_mass snd), batch_first, within_apart. ring. Qed.

(** Centred by the mean of the batch, and scaled. *)
Definition normal_batches (scale_x scale_y : bool * bool -> R) (o : (bool * bool) * (R * R)) : R * R :=
  (scale_x (fst o) * (fst (snd o) - batch_mean_x (fst o)), scale_y (fst o) * (snd (snd o) - batch_mean_y (fst o))).

Lemma four_batches_positive (a b i : bool) :
  0 < mass four_batches ((a, b), (number (if a then b else i), number (andb a i))).
Proof.
  eapply Rlt_le_trans; [|apply (push_ge drawn (product (product coin coin) coin) ((a, b), i))].
  cbn [mass product coin bernoulli fst snd]. destruct a, b, i; lra.
Qed.
(** One neuron of the two is not at its mean. *)
Lemma never_both_normal scale_x scale_y :
  (forall b, scale_x b <> 0) -> (forall b, scale_y b <> 0) ->
  mass (push (normal_batches scale_x scale_y) four_batches) (0, 0) = 0.
Proof.
  intros some_x some_y. destruct (mass_zero_or_positive (push (normal_batches scale_x scale_y) four_batches) (0, 0))
    as [|heavy]; [assumption|exfalso].
  apply push_positive in heavy as (o & heavy & at_zero). apply push_positive in heavy as ([[a b] i] & _ & <-).
  unfold drawn, within in at_zero.
  unfold normal_batches, batch_mean_x, batch_mean_y in at_zero. cbn [fst snd] in at_zero.
  injection at_zero as at_x at_y. apply Rmult_integral in at_x, at_y.
  destruct at_x as [no|at_x]; [now apply (some_x (a, b))|]. destruct at_y as [no|at_y]; [now apply (some_y (a, b))|].
  destruct a, b, i; cbn [number andb] in *; lra.
Qed.
Lemma normal_batches_dependent scale_x scale_y :
  (forall b, scale_x b <> 0) -> (forall b, scale_y b <> 0) ->
  0 < mutual_information (push (normal_batches scale_x scale_y) four_batches).
Proof.
  intros some_x some_y. pose proof (never_both_normal scale_x scale_y some_x some_y) as none.
  set (after := push _ _) in *.
  destruct (mutual_information_nonneg after) as [|Z]; [assumption|exfalso].
  symmetry in Z. rewrite mutual_information_zero in Z. specialize (Z 0 0). rewrite none in Z.
  assert (occurs : forall o, 0 < mass four_batches o -> 0 < mass after (normal_batches scale_x scale_y o)).
  { intros o heavy. eapply Rlt_le_trans; [exact heavy|apply push_ge]. }
  assert (X : 0 < mass (first after) 0).
  { apply (first_positive after 0 (scale_y (true, true) * (1 - 1 / 2))).
    replace (0, scale_y (true, true) * (1 - 1 / 2)) with (normal_batches scale_x scale_y ((true, true), (1, 1))).
    - apply occurs, (four_batches_positive true true true).
    - unfold normal_batches, batch_mean_x, batch_mean_y. cbn [fst snd number]. f_equal; ring. }
  assert (Y : 0 < mass (second after) 0).
  { apply (second_positive after (scale_x (false, true) * (1 - 1 / 2)) 0).
    replace (scale_x (false, true) * (1 - 1 / 2), 0) with (normal_batches scale_x scale_y ((false, true), (1, 0))).
    - apply occurs, (four_batches_positive false true true).
    - unfold normal_batches, batch_mean_x, batch_mean_y. cbn [fst snd number]. f_equal; ring. }
  pose proof (Rmult_lt_0_compat _ _ X Y). lra.
Qed.

(** Batch statistics, pooled over batches, can raise the information from nothing. There are four batches, in each of
    which x and y are independent, and they are independent over all of them as well. Yet once each batch is centred
    by its own means, whatever it is scaled by (no scale is 0), they share information: what is moved to another place
    in each batch names the batch, to both. *)
Theorem c04_counterexample_batch_statistics :
  exists (w : law ((bool * bool) * (R * R))) (mean_x mean_y : bool * bool -> R),
    same_law (first w) (product coin coin) /\
    (* in each batch x and y are independent: P(b, x, y) P(b) = P(b, x) P(b, y) *)
    (forall b x y, mass w (b, (x, y)) * mass (first w) b =
       mass (push (fun o => (fst o, fst (snd o))) w) (b, x) * mass (push (fun o => (fst o, snd (snd o))) w) (b, y)) /\
    (* these are the means of each batch *)
    (forall b, expectation w (fun o => indicator (equal (fst o) b) * (fst (snd o) - mean_x b)) = 0 /\
               expectation w (fun o => indicator (equal (fst o) b) * (snd (snd o) - mean_y b)) = 0) /\
    mutual_information (second w) = 0 /\
    forall scale_x scale_y : bool * bool -> R, (forall b, scale_x b <> 0) -> (forall b, scale_y b <> 0) ->
      0 < mutual_information (push (fun o =>
            (scale_x (fst o) * (fst (snd o) - mean_x (fst o)), scale_y (fst o) * (snd (snd o) - mean_y (fst o)))) w).
Proof.
  exists four_batches, batch_mean_x, batch_mean_y. split; [|split; [|split; [|split]]].
  - apply batch_first.
  - apply batch_apart.
  - apply batch_means.
  - apply mutual_information_zero. intros x y. unfold four_batches, drawn, within, second, first.
    rewrite !push_push, !push_sum.
    cbn [support mass product bernoulli coin list_prod map app sum fst snd andb number]. decide_outcomes; lra.
  - apply normal_batches_dependent.
Qed.
