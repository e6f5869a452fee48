(** c07, mutual information: neurons times a random factor of mean one.

    The laws here are finite; Gaussian factors are out of reach. What is proved of finite ones is enough to see that no
    law such as q^2 can hold: the mean and variance of the factor do not determine the information that is left. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import gates bernoulli.
Open Scope R_scope.

(** Two independent pairs, seen coordinate by coordinate: their information adds up. *)
Section Paired.
Context {K L X Y : Type} `{eq_dec K} `{eq_dec L} `{eq_dec X} `{eq_dec Y}.
Variables (noise : law (K * L)) (p : law (X * Y)).

Definition paired : law ((K * X) * (L * Y)) :=
  push (fun w => ((fst (fst w), fst (snd w)), (snd (fst w), snd (snd w)))) (product noise p).

Lemma paired_first : same_law (first paired) (product (first noise) (first p)).
Proof.
  intros [k x]. unfold first at 1, paired. rewrite push_push. cbn [fst].
  rewrite (keyed_mass noise p _ fst (fun _ => fst) (k, x) k x); [reflexivity|].
  intros g w. cbn [fst snd]. split; [intros [= <- <-]|intros [<- <-]]; easy.
Qed.
Lemma paired_second : same_law (second paired) (product (second noise) (second p)).
Proof.
  intros [l y]. unfold second at 1, paired. rewrite push_push. cbn [snd].
  rewrite (keyed_mass noise p _ snd (fun _ => snd) (l, y) l y); [reflexivity|].
  intros g w. cbn [fst snd]. split; [intros [= <- <-]|intros [<- <-]]; easy.
Qed.
Lemma paired_information : mutual_information paired = mutual_information noise + mutual_information p.
Proof.
  rewrite !mutual_information_entropies.
  rewrite (entropy_same_law _ _ paired_first), (entropy_same_law _ _ paired_second), !entropy_product.
  unfold paired. rewrite entropy_injective, entropy_product; [ring|].
  intros [[k l] [x y]] [[k' l'] [x' y']] _ _ [= <- <- <- <-]. reflexivity.
Qed.
Lemma paired_mass k x l y : mass paired ((k, x), (l, y)) = mass noise (k, l) * mass p (x, y).
Proof.
  unfold paired. rewrite (keyed_mass noise p _ (fun g => g) (fun _ w => w) _ (k, l) (x, y)).
  - now rewrite !mass_push_id.
  - intros [k' l'] [x' y']. cbn [fst snd]. split; [intros [= <- <- <- <-]|intros [[= <- <-] [= <- <-]]]; easy.
Qed.
End Paired.

(** A pair of neurons (x, y) times a pair of factors (k, l) of any joint law, independent of the neurons. *)
Definition behind_noise (noise p : law (R * R)) : law (R * R) :=
  push (fun w => (fst (fst w) * fst (snd w), snd (fst w) * snd (snd w))) (product noise p).

Lemma behind_noise_paired (noise p : law (R * R)) :
  same_law (behind_noise noise p)
           (push (pair_map (fun kx => fst kx * snd kx) (fun ly => fst ly * snd ly)) (paired noise p)).
Proof. intros uv. unfold paired. now rewrite push_push. Qed.

(** Factors of any finite joint law: the pair (kx, ly) tells at most what the factors and the neurons tell together.
    Hypothesis: none but that the factors know nothing of the neurons. *)
Theorem c07_mi_bound_joint (noise p : law (R * R)) :
  mutual_information (behind_noise noise p) <= mutual_information noise + mutual_information p.
Proof.
  rewrite <- paired_information, (mutual_information_same_law _ _ (behind_noise_paired noise p)).
  apply data_processing.
Qed.
(** Factors that are independent of each other as well: I(kx; ly) <= I(x; y). *)
Theorem c07_mi_bound (noise_x noise_y : law R) (p : law (R * R)) :
  mutual_information (behind_noise (product noise_x noise_y) p) <= mutual_information p.
Proof.
  pose proof (c07_mi_bound_joint (product noise_x noise_y) p). rewrite product_information in *. lra.
Qed.

Definition sign (x : R) : R := if Rlt_dec x 0 then -1 else if Rlt_dec 0 x then 1 else 0.

Lemma sign_positive_factor k x : 0 < k -> sign (k * x) = sign x.
Proof.
  intros positive. unfold sign. pose proof (Rmult_lt_compat_l k x 0 positive) as below.
  pose proof (Rmult_lt_compat_l k 0 x positive) as above. rewrite Rmult_0_r in *.
  destruct (Rlt_dec x 0), (Rlt_dec 0 x), (Rlt_dec (k * x) 0), (Rlt_dec 0 (k * x)); try lra.
  all: replace x with 0 in * by lra; rewrite Rmult_0_r in *; lra.
Qed.

Definition positive_noise (noise : law R) : Prop := forall k, 0 < mass noise k -> 0 < k.

(** Positive factors leave at least the information of the signs: I(sign x; sign y) <= I(kx; ly). *)
Theorem c07_mi_signs (noise : law (R * R)) (p : law (R * R)) :
  positive_noise (first noise) -> (* a factor of 0 would hide the sign, a negative one would turn it *)
  positive_noise (second noise) ->
  mutual_information (push (pair_map sign sign) p) <= mutual_information (behind_noise noise p).
Proof.
  intros positive_x positive_y.
  rewrite (mutual_information_same_law _ (push (pair_map sign sign) (behind_noise noise p))); [apply data_processing|].
  intros uv. unfold behind_noise. rewrite push_push.
  rewrite (push_ext _ (fun w => pair_map sign sign (snd w)) (product noise p)).
  - rewrite <- (push_push snd (pair_map sign sign)). symmetry. apply push_same_law, second_product.
  - intros [[k l] [x y]] heavy. unfold pair_map. cbn [fst snd].
    assert (heavy_noise : 0 < mass noise (k, l)).
    { destruct (mass_nonneg noise (k, l)) as [some|none]; [assumption|]. cbn in heavy. rewrite <- none in heavy. lra. }
    rewrite !sign_positive_factor; [reflexivity| |].
    + apply positive_y. now apply (second_positive noise k l).
    + apply positive_x. now apply (first_positive noise k l).
Qed.

(** A neuron known by its sign: of two values of the same sign only one can occur (-1 and 1; 0 and 1; -1, 0 and 1). *)
Definition known_by_sign (neuron : law R) : Prop :=
  forall a b, 0 < mass neuron a -> 0 < mass neuron b -> sign a = sign b -> a = b.

(** Independent positive factors leave the whole information of neurons that are known by their signs. *)
Theorem c07_mi_unchanged (noise_x noise_y : law R) (p : law (R * R)) :
  positive_noise noise_x -> positive_noise noise_y ->
  known_by_sign (first p) -> known_by_sign (second p) ->
  mutual_information (behind_noise (product noise_x noise_y) p) = mutual_information p.
Proof.
  intros positive_x positive_y known_x known_y. apply Rle_antisym; [apply c07_mi_bound|].
  rewrite <- (mutual_information_injective sign sign p known_x known_y). apply c07_mi_signs.
  - intros k. rewrite first_product. apply positive_x.
  - intros k. rewrite second_product. apply positive_y.
Qed.
