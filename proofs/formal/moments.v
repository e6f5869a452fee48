(** Means, variances and correlations of any square-integrable law, finite or not, and what factors (gates, noise) do
    to them. *)
From Coq Require Import Reals List Lra FunctionalExtensionality.
From Iclab Require Export gates bernoulli.
Import ListNotations.
Open Scope R_scope.

(** What is used of an expectation: a class of functions that have one, holding 1, closed under linear combinations
    and under the product of two members whose squares are members; on it the mean is linear, positive, and 1 for 1.
    Every probability measure has it (its integrable functions: the product by 2|fk| <= f^2 + k^2), and so has every
    finite law (all functions). *)
Record average (A : Type) := Average {
  integrable : (A -> R) -> Prop;
  mean : (A -> R) -> R;
  integrable_one : integrable (fun _ => 1);
  integrable_lin : forall f k c, integrable f -> integrable k -> integrable (fun a => f a + c * k a);
  integrable_times : forall f k, integrable f -> integrable k ->
    integrable (fun a => f a * f a) -> integrable (fun a => k a * k a) -> integrable (fun a => f a * k a);
  mean_one : mean (fun _ => 1) = 1;
  mean_lin : forall f k c, integrable f -> integrable k -> mean (fun a => f a + c * k a) = mean f + c * mean k;
  mean_nonneg : forall f, (forall a, 0 <= f a) -> integrable f -> 0 <= mean f
}.
Arguments integrable {A}. Arguments mean {A}. Arguments integrable_one {A}. Arguments integrable_lin {A}.
Arguments integrable_times {A}. Arguments mean_one {A}. Arguments mean_lin {A}. Arguments mean_nonneg {A}.

(** The product of two random variables. *)
Definition times {A} (X Y : A -> R) : A -> R := fun a => X a * Y a.

Definition square_integrable {A} (E : average A) (X : A -> R) : Prop := integrable E X /\ integrable E (times X X).
Definition covariance {A} (E : average A) (X Y : A -> R) : R :=
  mean E (fun a => (X a - mean E X) * (Y a - mean E Y)).
Definition variance {A} (E : average A) (X : A -> R) : R := covariance E X X.
(** Pearson's correlation. It has a meaning where both variances are positive; elsewhere Coq's division makes it 0. *)
Definition correlation {A} (E : average A) (X Y : A -> R) : R :=
  covariance E X Y / sqrt (variance E X * variance E Y).
(** m = mean / standard deviation: how far from centred a neuron is. *)
Definition relative_mean {A} (E : average A) (X : A -> R) : R := mean E X / sqrt (variance E X).

(** Two functions that agree everywhere: unfold and compute. *)
Ltac pointwise := apply functional_extensionality; intro; unfold times; try ring.

Section Average.
Context {A : Type} (E : average A).

Lemma integrable_scal f c : integrable E f -> integrable E (fun a => c * f a).
Proof.
  intros Hf. replace (fun a => c * f a) with (fun a => (f a + (-1) * f a) + c * f a) by pointwise.
  now apply integrable_lin; [apply integrable_lin|].
Qed.
Lemma integrable_const c : integrable E (fun _ => c).
Proof. replace (fun _ : A => c) with (fun _ : A => c * 1) by pointwise. apply integrable_scal, integrable_one. Qed.
Lemma integrable_plus f k : integrable E f -> integrable E k -> integrable E (fun a => f a + k a).
Proof.
  intros Hf Hk. replace (fun a => f a + k a) with (fun a => f a + 1 * k a) by pointwise. now apply integrable_lin.
Qed.
Lemma integrable_minus f k : integrable E f -> integrable E k -> integrable E (fun a => f a - k a).
Proof.
  intros Hf Hk. replace (fun a => f a - k a) with (fun a => f a + (-1) * k a) by pointwise. now apply integrable_lin.
Qed.
Lemma mean_scal f c : integrable E f -> mean E (fun a => c * f a) = c * mean E f.
Proof.
  intros Hf. replace (fun a => c * f a) with (fun a => (f a + (-1) * f a) + c * f a) by pointwise.
  rewrite !mean_lin; trivial; [ring | now apply integrable_lin].
Qed.
Lemma mean_const c : mean E (fun _ => c) = c.
Proof.
  replace (fun _ : A => c) with (fun _ : A => c * 1) by pointwise.
  rewrite mean_scal, mean_one; [ring | apply integrable_one].
Qed.
Lemma mean_plus f k : integrable E f -> integrable E k -> mean E (fun a => f a + k a) = mean E f + mean E k.
Proof.
  intros Hf Hk. replace (fun a => f a + k a) with (fun a => f a + 1 * k a) by pointwise.
  rewrite mean_lin; trivial; ring.
Qed.
Lemma mean_minus f k : integrable E f -> integrable E k -> mean E (fun a => f a - k a) = mean E f - mean E k.
Proof.
  intros Hf Hk. replace (fun a => f a - k a) with (fun a => f a + (-1) * k a) by pointwise.
  rewrite mean_lin; trivial; ring.
Qed.

Lemma square_integrable_times X Y :
  square_integrable E X -> square_integrable E Y -> integrable E (times X Y).
Proof. intros [HX HXX] [HY HYY]. now apply integrable_times. Qed.

Lemma square_integrable_const c : square_integrable E (fun _ => c).
Proof. split; [apply integrable_const | apply (integrable_const (c * c))]. Qed.

Lemma square_integrable_lin X Y c :
  square_integrable E X -> square_integrable E Y -> square_integrable E (fun a => X a + c * Y a).
Proof.
  intros HX HY. split; [now apply integrable_lin; [apply HX | apply HY]|].
  replace (times _ _) with (fun a => times X X a + (2 * c) * times X Y a + (c * c) * times Y Y a) by pointwise.
  repeat apply integrable_lin; [apply HX | now apply square_integrable_times | apply HY].
Qed.

Lemma square_integrable_affine X b c :
  square_integrable E X -> square_integrable E (fun a => b * X a + c).
Proof.
  intros HX. replace (fun a => b * X a + c) with (fun a => (fun _ => c) a + b * X a) by pointwise.
  now apply square_integrable_lin; [apply square_integrable_const|].
Qed.

(** E (X - EX)(Y - EY) = E XY - EX EY. *)
Lemma covariance_moments X Y : square_integrable E X -> square_integrable E Y ->
  covariance E X Y = mean E (times X Y) - mean E X * mean E Y.
Proof.
  intros HX HY. unfold covariance. set (m := mean E X). set (n := mean E Y).
  replace (fun a => (X a - m) * (Y a - n))
    with (fun a => times X Y a + (- n) * X a + (- m) * Y a + (m * n) * 1) by pointwise.
  assert (HXY := square_integrable_times X Y HX HY). destruct HX as [HX _], HY as [HY _].
  rewrite (mean_lin E (fun a => times X Y a + - n * X a + - m * Y a) (fun _ => 1)),
    (mean_lin E (fun a => times X Y a + - n * X a) Y), (mean_lin E (times X Y) X), mean_one;
    auto using integrable_lin, integrable_one.
  fold m n. ring.
Qed.
Lemma variance_moments X : square_integrable E X -> variance E X = mean E (times X X) - mean E X * mean E X.
Proof. intros HX. now apply covariance_moments. Qed.

Lemma covariance_sym X Y : covariance E X Y = covariance E Y X.
Proof. unfold covariance. f_equal. pointwise. Qed.

Lemma variance_nonneg X : square_integrable E X -> 0 <= variance E X.
Proof.
  intros HX. unfold variance, covariance. apply mean_nonneg.
  - intros a. apply Rle_0_sqr.
  - replace (fun a => (X a - mean E X) * (X a - mean E X))
      with (times (fun a => 1 * X a + - mean E X) (fun a => 1 * X a + - mean E X)) by pointwise.
    now apply square_integrable_affine.
Qed.

(** Moments of affine images. *)
Lemma mean_affine X b c : integrable E X -> mean E (fun a => b * X a + c) = b * mean E X + c.
Proof.
  intros HX. rewrite mean_plus, mean_scal, mean_const; auto using integrable_scal, integrable_const.
Qed.
Lemma covariance_affine X Y b c d e : square_integrable E X -> square_integrable E Y ->
  covariance E (fun a => b * X a + c) (fun a => d * Y a + e) = b * d * covariance E X Y.
Proof.
  intros HX HY. rewrite !covariance_moments; auto using square_integrable_affine.
  assert (HXY := square_integrable_times X Y HX HY). destruct HX as [HX _], HY as [HY _].
  replace (times _ _) with (fun a => b * d * times X Y a + (b * e * X a + (c * d * Y a + c * e))) by pointwise.
  rewrite (mean_plus (fun a => b * d * times X Y a)), (mean_plus (fun a => b * e * X a)), !mean_affine, !mean_scal;
    auto using integrable_plus, integrable_scal, integrable_const.
  ring.
Qed.
Lemma variance_affine X b c : square_integrable E X ->
  variance E (fun a => b * X a + c) = b * b * variance E X.
Proof. intros HX. now apply covariance_affine. Qed.

(** Cauchy and Schwarz. *)
Lemma covariance_square_le X Y : square_integrable E X -> square_integrable E Y ->
  covariance E X Y * covariance E X Y <= variance E X * variance E Y.
Proof.
  intros HX HY. set (k := covariance E X Y). set (v := variance E X). set (w := variance E Y).
  assert (quadratic : forall c, 0 <= v + 2 * c * k + c * c * w).
  { intros c. replace (v + _ + _) with (variance E (fun a => X a + c * Y a)).
    - now apply variance_nonneg, square_integrable_lin.
    - unfold v, w, k. rewrite !variance_moments, covariance_moments; auto using square_integrable_lin.
      assert (HXY := square_integrable_times X Y HX HY). destruct HX as [HX HXX], HY as [HY HYY].
      replace (times _ _) with (fun a => times X X a + (2 * c) * times X Y a + (c * c) * times Y Y a) by pointwise.
      rewrite (mean_lin E (fun a => times X X a + 2 * c * times X Y a)), !mean_lin; auto using integrable_lin.
      ring. }
  assert (0 <= w) as [Hw | Hw] by now apply variance_nonneg.
  - specialize (quadratic (- k / w)). apply Rmult_le_compat_r with (r := w) in quadratic; [| lra].
    replace (0 * w) with 0 in quadratic by ring.
    replace ((v + 2 * (- k / w) * k + - k / w * (- k / w) * w) * w) with (v * w - k * k) in quadratic by (field; lra).
    lra.
  - rewrite <- Hw in *. destruct (Req_dec k 0) as [-> | Hk]; [lra|].
    specialize (quadratic (- (v + 1) / (2 * k))).
    replace (v + 2 * (- (v + 1) / (2 * k)) * k + - (v + 1) / (2 * k) * (- (v + 1) / (2 * k)) * 0)
      with (- (1)) in quadratic by (field; trivial).
    lra.
Qed.

Lemma correlation_self X : 0 < variance E X -> correlation E X X = 1.
Proof.
  intros HX. unfold correlation. rewrite sqrt_square by lra. unfold variance in *. field. lra.
Qed.

Lemma correlation_le_1 X Y : square_integrable E X -> square_integrable E Y ->
  0 < variance E X -> 0 < variance E Y -> Rabs (correlation E X Y) <= 1.
Proof.
  intros HX HY Hv Hw. unfold correlation, Rdiv.
  assert (Hvw := Rmult_lt_0_compat _ _ Hv Hw). assert (Hs := sqrt_lt_R0 _ Hvw).
  rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (sqrt _)) by lra.
  apply Rmult_le_reg_r with (sqrt (variance E X * variance E Y)); [assumption|].
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
  rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1_alt. now apply covariance_square_le.
Qed.

(** Affine maps change the sign of a correlation or nothing. *)
Lemma correlation_affine X Y b c d e : square_integrable E X -> square_integrable E Y -> b <> 0 -> d <> 0 ->
  correlation E (fun a => b * X a + c) (fun a => d * Y a + e) = b * d / Rabs (b * d) * correlation E X Y.
Proof.
  intros HX HY Hb Hd. unfold correlation. rewrite covariance_affine, !variance_affine by assumption.
  assert (Hbd : b * d <> 0) by now apply Rmult_integral_contrapositive.
  replace (b * b * variance E X * (d * d * variance E Y))
    with (Rsqr (b * d) * (variance E X * variance E Y)) by (unfold Rsqr; ring).
  rewrite sqrt_mult_alt, sqrt_Rsqr_abs by apply Rle_0_sqr.
  unfold Rdiv. rewrite Rinv_mult. ring.
Qed.
Lemma relative_mean_centred X : mean E X = 0 -> relative_mean E X = 0.
Proof. intros HX. unfold relative_mean. rewrite HX. unfold Rdiv. ring. Qed.
Lemma relative_mean_zero X : 0 < variance E X -> relative_mean E X = 0 -> mean E X = 0.
Proof.
  intros Hv. unfold relative_mean. intros H. assert (Hs := sqrt_lt_R0 _ Hv).
  apply Rmult_eq_reg_r with (/ sqrt (variance E X)); [| now apply Rinv_neq_0_compat; lra].
  rewrite Rmult_0_l. exact H.
Qed.
End Average.

(** ** Factors *)

(** What is used of factors K, L that know nothing of the neurons X, Y: second moments, and five means of products
    that are products of means. Independence of (K, L) from (X, Y) implies it ([independent_product_rules]) and is
    more than is needed. K and L may have any joint law. *)
Record product_rules {A} (E : average A) (K L X Y : A -> R) : Prop := Product_rules {
  square_integrable_K : square_integrable E K;
  square_integrable_L : square_integrable E L;
  square_integrable_X : square_integrable E X;
  square_integrable_Y : square_integrable E Y;
  square_integrable_KX : square_integrable E (times K X);
  square_integrable_LY : square_integrable E (times L Y);
  rule_x : mean E (times K X) = mean E K * mean E X;
  rule_y : mean E (times L Y) = mean E L * mean E Y;
  rule_xx : mean E (times (times K X) (times K X)) = mean E (times K K) * mean E (times X X);
  rule_yy : mean E (times (times L Y) (times L Y)) = mean E (times L L) * mean E (times Y Y);
  rule_xy : mean E (times (times K X) (times L Y)) = mean E (times K L) * mean E (times X Y)
}.

(** Independence as far as moments see it: every monomial in K, L is uncorrelated with every monomial in X, Y. *)
Definition independent {A} (E : average A) (K L X Y : A -> R) : Prop := forall i j k l,
  let u := fun a => K a ^ i * L a ^ j in
  let v := fun a => X a ^ k * Y a ^ l in
  integrable E u -> integrable E v -> integrable E (times u v) /\ mean E (times u v) = mean E u * mean E v.

Lemma independent_product_rules {A} (E : average A) (K L X Y : A -> R) :
  square_integrable E K -> square_integrable E L -> square_integrable E X -> square_integrable E Y ->
  independent E K L X Y -> product_rules E K L X Y.
Proof.
  intros HK HL HX HY H.
  assert (rule : forall i j k l u v w, (fun a => K a ^ i * L a ^ j) = u -> (fun a => X a ^ k * Y a ^ l) = v ->
    times u v = w -> integrable E u -> integrable E v -> integrable E w /\ mean E w = mean E u * mean E v).
  { intros i j k l u v w <- <- <-. apply H. }
  assert (HKL := square_integrable_times E K L HK HL). assert (HXY := square_integrable_times E X Y HX HY).
  destruct (rule 1 0 1 0 K X (times K X))%nat as [A1 B1]; try apply HK; try apply HX; try (pointwise; simpl; ring).
  destruct (rule 0 1 0 1 L Y (times L Y))%nat as [A2 B2]; try apply HL; try apply HY; try (pointwise; simpl; ring).
  destruct (rule 2 0 2 0 (times K K) (times X X) (times (times K X) (times K X)))%nat as [A3 B3];
    try apply HK; try apply HX; try (pointwise; simpl; ring).
  destruct (rule 0 2 0 2 (times L L) (times Y Y) (times (times L Y) (times L Y)))%nat as [A4 B4];
    try apply HL; try apply HY; try (pointwise; simpl; ring).
  destruct (rule 1 1 1 1 (times K L) (times X Y) (times (times K X) (times L Y)))%nat as [A5 B5];
    trivial; try (pointwise; simpl; ring).
  split; trivial; now split.
Qed.

Lemma cancel_left c a b : c <> 0 -> c * a / (c * b) = a / b.
Proof.
  intros Hc. unfold Rdiv. rewrite Rinv_mult.
  replace (c * a * (/ c * / b)) with (c * / c * a * / b) by ring. rewrite Rinv_r by assumption. ring.
Qed.

Section Factors.
Context {A : Type} (E : average A) (K L X Y : A -> R).
Hypothesis apart : product_rules E K L X Y.

(** Cov(KX, LY) = E[KL] Cov(X,Y) + Cov(K,L) EX EY. *)
Lemma factors_covariance :
  covariance E (times K X) (times L Y) =
  mean E (times K L) * covariance E X Y + covariance E K L * (mean E X * mean E Y).
Proof. destruct apart. rewrite !covariance_moments, rule_xy0, rule_x0, rule_y0 by assumption. ring. Qed.
Lemma factors_variance_x :
  variance E (times K X) = mean E (times K K) * variance E X + variance E K * (mean E X * mean E X).
Proof. destruct apart. rewrite !variance_moments, rule_xx0, rule_x0 by assumption. ring. Qed.
Lemma factors_variance_y :
  variance E (times L Y) = mean E (times L L) * variance E Y + variance E L * (mean E Y * mean E Y).
Proof. destruct apart. rewrite !variance_moments, rule_yy0, rule_y0 by assumption. ring. Qed.

(** The one formula behind c02, c06 and c07: for factors of any law, also of each other's,
    corr(KX, LY) = (E[KL] rho + Cov(K,L) m_x m_y) / sqrt((E[K^2] + Var K m_x^2) (E[L^2] + Var L m_y^2)). *)
Theorem factors_correlation :
  (* without it rho and m have no meaning *) 0 < variance E X -> 0 < variance E Y ->
  correlation E (times K X) (times L Y) =
  (mean E (times K L) * correlation E X Y + covariance E K L * (relative_mean E X * relative_mean E Y)) /
  sqrt ((mean E (times K K) + variance E K * relative_mean E X ^ 2) *
        (mean E (times L L) + variance E L * relative_mean E Y ^ 2)).
Proof.
  intros Hv Hw. unfold correlation, relative_mean.
  rewrite factors_covariance, factors_variance_x, factors_variance_y.
  assert (Hs := sqrt_lt_R0 _ Hv). assert (Ht := sqrt_lt_R0 _ Hw).
  rewrite (sqrt_mult (variance E X)) by lra.
  set (s := sqrt (variance E X)) in *. set (t := sqrt (variance E Y)) in *.
  replace (variance E X) with (s * s) by (apply sqrt_def; lra).
  replace (variance E Y) with (t * t) by (apply sqrt_def; lra).
  set (a := mean E (times K K)). set (b := mean E (times L L)). set (m := mean E X). set (n := mean E Y).
  replace ((a * (s * s) + _) * (b * (t * t) + _))
    with (Rsqr (s * t) * ((a + variance E K * (m / s) ^ 2) * (b + variance E L * (n / t) ^ 2)))
    by (unfold Rsqr; field; lra).
  assert (Hst : 0 < s * t) by now apply Rmult_lt_0_compat.
  rewrite sqrt_mult_alt, sqrt_Rsqr by (apply Rle_0_sqr || lra).
  symmetry. rewrite <- (cancel_left (s * t)) by lra. f_equal. field. lra.
Qed.
End Factors.

(** ** Concrete laws *)

(** A finite law averages every function. *)
Lemma expectation_lin {A} (p : law A) (f k : A -> R) c :
  expectation p (fun a => f a + c * k a) = expectation p f + c * expectation p k.
Proof.
  unfold expectation. rewrite <- sum_scal, <- sum_plus. apply sum_ext. intros a _. ring.
Qed.
Lemma expectation_scal {A} (p : law A) (f : A -> R) c : expectation p (fun a => c * f a) = c * expectation p f.
Proof. unfold expectation. rewrite <- sum_scal. apply sum_ext. intros a _. ring. Qed.
Lemma expectation_nonneg_on_support {A} (p : law A) (f : A -> R) :
  (forall a, In a (support p) -> 0 <= f a) -> 0 <= expectation p f.
Proof. intros Hf. apply sum_nonneg. intros a Ha. apply Rmult_le_pos; [apply mass_nonneg | now apply Hf]. Qed.

(** Any law of the outcome a, and independent of it a finite law of g: the gates beside the neurons. *)
Program Definition beside {G A} (r : law G) (E : average A) : average (G * A) :=
  Average (G * A) (fun f => forall g, In g (support r) -> integrable E (fun a => f (g, a)))
    (fun f => expectation r (fun g => mean E (fun a => f (g, a)))) _ _ _ _ _ _.
Next Obligation. apply integrable_one. Qed.
Next Obligation. apply integrable_lin; auto. Qed.
Next Obligation. apply integrable_times; auto. Qed.
Next Obligation. rewrite mean_one. apply expectation_const. Qed.
Next Obligation.
  rewrite <- expectation_lin. unfold expectation. apply sum_ext. intros g Hg. now rewrite mean_lin by auto.
Qed.
Next Obligation. apply expectation_nonneg_on_support. intros g Hg. apply mean_nonneg; auto. Qed.

Program Definition finite {A} (p : law A) : average A := Average A (fun _ => True) (expectation p) _ _ _ _ _ _.
Next Obligation. apply expectation_const. Qed.
Next Obligation. apply expectation_lin. Qed.
Next Obligation. apply expectation_nonneg_on_support. auto. Qed.

Lemma finite_square_integrable {A} (p : law A) X : square_integrable (finite p) X.
Proof. now split. Qed.

(** One average is the image of another under a map: means, and so all moments, are those of the composed functions. *)
Definition image {A B} (T : A -> B) (E : average A) (F : average B) : Prop :=
  forall f, mean F f = mean E (fun a => f (T a)).

Section Image.
Context {A B : Type} (T : A -> B) (E : average A) (F : average B).
Hypothesis moved : image T E F.

Lemma image_mean X : mean F X = mean E (fun a => X (T a)).
Proof. apply moved. Qed.
Lemma image_covariance X Y : covariance F X Y = covariance E (fun a => X (T a)) (fun a => Y (T a)).
Proof. unfold covariance. now rewrite !moved. Qed.
Lemma image_variance X : variance F X = variance E (fun a => X (T a)).
Proof. apply image_covariance. Qed.
Lemma image_correlation X Y : correlation F X Y = correlation E (fun a => X (T a)) (fun a => Y (T a)).
Proof. unfold correlation. now rewrite !image_variance, image_covariance. Qed.
Lemma image_relative_mean X : relative_mean F X = relative_mean E (fun a => X (T a)).
Proof. unfold relative_mean. now rewrite image_variance, image_mean. Qed.
End Image.

Lemma image_snd {G A} (r : law G) (E : average A) : image snd (beside r E) E.
Proof. intros f. symmetry. exact (expectation_const r (mean E f)). Qed.
Lemma image_push {A B} `{eq_dec B} (f : A -> B) (p : law A) : image f (finite p) (finite (push f p)).
Proof. intros k. apply expectation_push. Qed.
Lemma image_product {A B} (p : law A) (r : law B) : image (fun w => w) (beside p (finite r)) (finite (product p r)).
Proof. intros k. apply expectation_product. Qed.

Lemma beside_mean {G A} (r : law G) (E : average A) (u : G -> R) (f : A -> R) : integrable E f ->
  mean (beside r E) (fun w => u (fst w) * f (snd w)) = expectation r u * mean E f.
Proof.
  intros Hf. cbn. transitivity (expectation r (fun g => mean E f * u g)).
  - f_equal. pointwise. rewrite mean_scal by assumption. ring.
  - rewrite expectation_scal. ring.
Qed.
Lemma beside_mean_fst {G A} (r : law G) (E : average A) (u : G -> R) :
  mean (beside r E) (fun w => u (fst w)) = expectation r u.
Proof. cbn. f_equal. pointwise. apply mean_const. Qed.

(** What stands beside a law is independent of it. *)
Lemma beside_product_rules {G A} (r : law G) (E : average A) (u w : G -> R) (X Y : A -> R) :
  square_integrable E X -> square_integrable E Y ->
  product_rules (beside r E) (fun c => u (fst c)) (fun c => w (fst c)) (fun c => X (snd c)) (fun c => Y (snd c)).
Proof.
  intros HX HY.
  assert (HXY := square_integrable_times E X Y HX HY). destruct HX as [HX HXX], HY as [HY HYY].
  assert (one : integrable E (fun _ => 1)) by apply integrable_one.
  assert (rule : forall (s : G -> R) (f : A -> R) u' f' k, (fun c => s (fst c)) = u' -> (fun c => f (snd c)) = f' ->
    (fun c => s (fst c) * f (snd c)) = k -> integrable E f ->
    integrable (beside r E) k /\ mean (beside r E) k = mean (beside r E) u' * mean (beside r E) f').
  { intros s f u' f' k <- <- <- Hf. split; [intros g _; exact (integrable_scal E f (s g) Hf)|].
    rewrite beside_mean, beside_mean_fst, <- (image_snd r E f) by assumption. reflexivity. }
  assert (factor : forall s : G -> R, integrable (beside r E) (fun c => s (fst c))).
  { intros s. apply (rule s (fun _ => 1) _ _ _ eq_refl eq_refl); [pointwise | assumption]. }
  set (K := fun c : G * A => u (fst c)). set (L := fun c : G * A => w (fst c)).
  set (U := fun c : G * A => X (snd c)). set (V := fun c : G * A => Y (snd c)).
  destruct (rule u X K U (times K U) eq_refl eq_refl eq_refl HX) as [A1 B1].
  destruct (rule w Y L V (times L V) eq_refl eq_refl eq_refl HY) as [A2 B2].
  destruct (rule (times u u) (times X X) (times K K) (times U U) (times (times K U) (times K U))
    eq_refl eq_refl ltac:(pointwise; unfold K, U; ring) HXX) as [A3 B3].
  destruct (rule (times w w) (times Y Y) (times L L) (times V V) (times (times L V) (times L V))
    eq_refl eq_refl ltac:(pointwise; unfold L, V; ring) HYY) as [A4 B4].
  destruct (rule (times u w) (times X Y) (times K L) (times U V) (times (times K U) (times L V))
    eq_refl eq_refl ltac:(pointwise; unfold K, L, U, V; ring) HXY) as [A5 B5].
  split; trivial; split; trivial; try (intros g _; assumption).
  - apply (factor u).
  - apply (factor (times u u)).
  - apply (factor w).
  - apply (factor (times w w)).
Qed.

(** ** Gates *)

(** A gate of keep q: open (1) or closed (0), open with probability q. *)
Definition gate {A} (E : average A) (K : A -> R) (q : R) : Prop :=
  (forall a, K a = 0 \/ K a = 1) /\ integrable E K /\ mean E K = q.

Section Gate.
Context {A : Type} (E : average A) (K : A -> R) (q : R).
Hypothesis is_gate : gate E K q.

Lemma gate_square : times K K = K.
Proof. pointwise. destruct is_gate as [H _]. destruct (H x) as [-> | ->]; ring. Qed.
Lemma gate_square_integrable : square_integrable E K.
Proof. unfold square_integrable. rewrite gate_square. split; apply is_gate. Qed.
Lemma gate_square_mean : mean E (times K K) = q.
Proof. rewrite gate_square. apply is_gate. Qed.
Lemma gate_variance : variance E K = q * (1 - q).
Proof.
  rewrite variance_moments, gate_square_mean by apply gate_square_integrable.
  destruct is_gate as (_ & _ & ->). ring.
Qed.
Lemma gate_keep : 0 <= q <= 1.
Proof.
  destruct is_gate as (H & Hi & <-). split.
  - apply mean_nonneg; trivial. intros a. destruct (H a) as [-> | ->]; lra.
  - assert (0 <= mean E (fun a => 1 - K a)).
    { apply mean_nonneg; [| apply integrable_minus; trivial; apply integrable_const].
      intros a. destruct (H a) as [-> | ->]; lra. }
    rewrite mean_minus, mean_const in H0; trivial; [lra | apply integrable_const].
Qed.
End Gate.

(** Gates beside any law: a neuron X behind the first, a neuron Y behind the second gate of a pair. *)
Definition opening (open : bool) : R := if open then 1 else 0.
Definition first_gate {A} (w : (bool * bool) * A) : R := opening (fst (fst w)).
Definition second_gate {A} (w : (bool * bool) * A) : R := opening (snd (fst w)).
Definition behind_first {A} (X : A -> R) (w : (bool * bool) * A) : R := gated (fst (fst w)) (X (snd w)).
Definition behind_second {A} (Y : A -> R) (w : (bool * bool) * A) : R := gated (snd (fst w)) (Y (snd w)).

Lemma beside_gate {G A} (r : law G) (E : average A) (h : G -> bool) :
  gate (beside r E) (fun w => opening (h (fst w))) (expectation r (fun g => opening (h g))).
Proof.
  repeat split.
  - intros a. destruct (h (fst a)); auto.
  - intros g _. exact (integrable_const E (opening (h g))).
  - apply (beside_mean_fst r E (fun g => opening (h g))).
Qed.

(** The neurons of a finite law behind gates: the law of gates.v. *)
Lemma behind_gates_image (r : law (bool * bool)) (p : law (R * R)) :
  image (fun w => (behind_first fst w, behind_second snd w)) (beside r (finite p)) (finite (behind_gates r p)).
Proof.
  intros f. unfold behind_gates. rewrite (image_push _ _ f). exact (image_product r p _).
Qed.
Lemma behind_gates_correlation (r : law (bool * bool)) (p : law (R * R)) :
  correlation (finite (behind_gates r p)) fst snd =
  correlation (beside r (finite p)) (behind_first fst) (behind_second snd).
Proof. apply (image_correlation _ _ _ (behind_gates_image r p)). Qed.

(** Two outcomes, each with probability 1/2: the small law of the counterexamples. *)
Definition two_points {A} `{eq_dec A} (u v : A) : law A :=
  push (fun b : bool => if b then u else v) (bernoulli (1 / 2) half).

Section Two_points.
Context {A : Type} `{eq_dec A} (u v : A).
Lemma two_points_mean f : mean (finite (two_points u v)) f = (f u + f v) / 2.
Proof. unfold two_points. rewrite (image_push _ _ f). cbn [mean finite]. rewrite expectation_bernoulli. field. Qed.
Lemma two_points_covariance f k : covariance (finite (two_points u v)) f k = (f u - f v) * (k u - k v) / 4.
Proof. unfold covariance. rewrite !two_points_mean. field. Qed.
Lemma two_points_correlation f k : f u < f v -> k u < k v -> correlation (finite (two_points u v)) f k = 1.
Proof.
  intros Hf Hk. unfold correlation, variance. rewrite !two_points_covariance.
  replace ((f u - f v) * (f u - f v) / 4 * ((k u - k v) * (k u - k v) / 4))
    with (Rsqr ((f v - f u) * (k v - k u) / 4)) by (unfold Rsqr; field).
  assert (0 < (f v - f u) * (k v - k u)) by (apply Rmult_lt_0_compat; lra).
  rewrite sqrt_Rsqr by lra. field. lra.
Qed.
End Two_points.

(** A number divided by a root of more than 1. *)
Lemma shrinks_le a d : 1 <= d -> Rabs (a / sqrt d) <= Rabs a.
Proof.
  intros Hd. assert (H1 : 1 <= sqrt d) by (rewrite <- sqrt_1; now apply sqrt_le_1_alt).
  unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (apply Rlt_le, Rinv_0_lt_compat; lra).
  rewrite <- (Rmult_1_r (Rabs a)) at 2. apply Rmult_le_compat_l; [apply Rabs_pos|].
  rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
Qed.
Lemma shrinks_lt a d : a <> 0 -> 1 < d -> Rabs (a / sqrt d) < Rabs a.
Proof.
  intros Ha Hd. assert (H1 : 1 < sqrt d) by (rewrite <- sqrt_1; apply sqrt_lt_1_alt; lra).
  unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (apply Rlt_le, Rinv_0_lt_compat; lra).
  rewrite <- (Rmult_1_r (Rabs a)) at 2. apply Rmult_lt_compat_l; [now apply Rabs_pos_lt|].
  rewrite <- Rinv_1. apply Rinv_lt_contravar; lra.
Qed.
(** (1 + c m^2) (1 + d n^2), the extra factor of an uncentred pair. *)
Lemma extra_factor c d m n : 0 <= c -> 0 <= d -> 1 <= (1 + c * m ^ 2) * (1 + d * n ^ 2).
Proof.
  intros Hc Hd. assert (0 <= c * m ^ 2) by (apply Rmult_le_pos; [| apply pow2_ge_0]; assumption).
  assert (0 <= d * n ^ 2) by (apply Rmult_le_pos; [| apply pow2_ge_0]; assumption).
  assert (0 <= c * m ^ 2 * (d * n ^ 2)) by now apply Rmult_le_pos. lra.
Qed.
Lemma extra_factor_strict c d m n : 0 < c -> 0 < d -> m <> 0 \/ n <> 0 -> 1 < (1 + c * m ^ 2) * (1 + d * n ^ 2).
Proof.
  intros Hc Hd Hmn. assert (Hm := pow2_ge_0 m). assert (Hn := pow2_ge_0 n).
  assert (A := Rmult_le_pos _ _ (Rlt_le _ _ Hc) Hm). assert (B := Rmult_le_pos _ _ (Rlt_le _ _ Hd) Hn).
  assert (C := Rmult_le_pos _ _ A B).
  destruct Hmn as [H | H].
  - assert (0 < c * m ^ 2) by (apply Rmult_lt_0_compat; [assumption | rewrite <- Rsqr_pow2; now apply Rsqr_pos_lt]).
    lra.
  - assert (0 < d * n ^ 2) by (apply Rmult_lt_0_compat; [assumption | rewrite <- Rsqr_pow2; now apply Rsqr_pos_lt]).
    lra.
Qed.
