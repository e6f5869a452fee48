/* The tables of layers.h, once for each ICL_REAL; no include guard on purpose. `real` below stands for ICL_REAL. */

#if defined(ICL_REAL) && defined(ICL_TYPED)

/* The arrays of a call on samples first .. first+samples-1 of the batch: every pointer is at sample `first`. */
struct ICL_TYPED(icl_stage_data) {
    size_t first, samples;
    const ICL_REAL *x, *add;       /* add: NULL where there is no residual */
    const ICL_REAL *scale, *shift; /* per channel; unused without a norm and by stage_sums */
    uint8_t *gates;            /* icl_gate_bytes a sample: written forward, read backward. NULL: drawn anew each time;
                                * always NULL for Gaussian noise */
    ICL_REAL *y, *tap;         /* forward: outputs; tap NULL unless the stage has one */
    const ICL_REAL *dy, *dtap; /* backward: gradients of y and tap (dtap NULL: none) */
    const ICL_REAL *slope;     /* backward: 3 x channels, k1, k2, k3 of stage_backward; unused without a norm */
    ICL_REAL *dx, *dadd;       /* backward: outputs; dadd NULL: not wanted */
    bool add_dx, add_dadd;     /* add to what is there instead of writing over it */
};

/* Adam's and SGD's constants of one step. */
struct ICL_TYPED(icl_update) {
    double rate, momentum, decay;    /* decay: added to the gradient (coupled) or taken from the weight (decoupled) */
    bool decoupled;                  /* w -= rate * decay * w, before the step */
    double beta2, epsilon;           /* Adam; momentum is its beta1 */
    double correction1, correction2; /* Adam: 1 - beta1^t, 1 - beta2^t of this step */
};

struct ICL_TYPED(icl_layers) {
    /* ---- stage ---- */

    /* sum[c] += sum over the rows of n, square[c] += that of n^2, in double: what batch norm needs. More than 16
     * channels: rows are added to sum[c] one after the other. Fewer: row p of each sample goes to chain p mod R of
     * R = 32 / channels (rounded down), each chain adds its rows in order, and the chains of a sample are added to
     * sum[c] in order. Cutting a batch at samples changes no bit. Stages without a norm: not called. Reads x. */
    void (*stage_sums)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data, double *sum,
                       double *square);

    /* y, tap and gates. y may be x where no gradient follows. */
    void (*stage_forward)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data);

    /* With dz the gradient of the norm's output: sum[c] += sum of dz, product[c] += sum of dz n (raw n, not
     * normalised), in double, in the order of stage_sums. They are the gradients of shift and scale. */
    void (*stage_backward_sums)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                double *sum, double *product);

    /* dx (and dadd = the gradient of act's argument; NULL with AFTER). dx may be dy or dtap, and so may dadd. Through a
     * norm: dn = k1 dz + k2 n + k3; batch statistics make k1 = scale, k2 = -scale b / M, k3 = -scale (a / M - b mean /
     * M) with M rows, xhat = (n - mean) / sd, a = sum dz, b = sum (dz xhat) / sd; fixed statistics k1 = scale, k2 = k3
     * = 0. */
    void (*stage_backward)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data);

    /* ---- convolution, plainly (kernels/conv.h plans the fast ones) ---- */

    void (*conv_forward)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *x, const ICL_REAL *weights,
                         const ICL_REAL *bias, ICL_REAL *y);
    void (*conv_backward_data)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *dy,
                               const ICL_REAL *weights, ICL_REAL *dx);
    /* Adds to dweights and dbias (NULL without bias). */
    void (*conv_backward_weights)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *x,
                                  const ICL_REAL *dy, ICL_REAL *dweights, ICL_REAL *dbias);

    /* ---- pooling ---- */

    /* Maximum over the window (padding is never the maximum; the first of equal ones counts, a NaN wins). where: the
     * place in the window, one byte an output (window^2 <= 255), for the way back; NULL: not wanted. */
    void (*max_pool_forward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *x, ICL_REAL *y,
                             uint8_t *where);
    void (*max_pool_backward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *dy,
                              const uint8_t *where, ICL_REAL *dx);
    /* Mean over the part of the window that lies inside the image. */
    void (*average_pool_forward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *x, ICL_REAL *y);
    void (*average_pool_backward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *dy, ICL_REAL *dx);

    /* ---- sums ---- */

    void (*add)(const ICL_REAL *a, const ICL_REAL *b, size_t count, ICL_REAL *y); /* y = a + b; y may be a or b */

    /* ---- loss ---- */

    /* Softmax cross-entropy with label smoothing s: target (1 - s) [k = label] + s / classes. *loss += the sum over the
     * samples (nats), *correct += how many have their label as largest logit (the first of equal ones; none if a logit
     * is NaN), dlogits = (softmax - target) * weight, NULL: not wanted. */
    void (*cross_entropy)(const ICL_REAL *logits, const uint32_t *labels, size_t samples, size_t classes,
                          double smoothing, double weight, ICL_REAL *dlogits, double *loss, size_t *correct);

    /* ---- optimisers: w is changed in place ---- */

    /* g' = g + decay w (coupled); velocity = momentum velocity + g' (velocity NULL when momentum is 0);
     * w -= rate velocity. */
    void (*sgd)(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count, ICL_REAL *velocity,
                ICL_REAL *w);
    /* m = beta1 m + (1 - beta1) g', v = beta2 v + (1 - beta2) g'^2,
     * w -= rate (m / correction1) / (sqrt(v / correction2) + epsilon) (Kingma and Ba 2015; decoupled decay: Loshchilov
     * and Hutter 2019). */
    void (*adam)(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count, ICL_REAL *m,
                 ICL_REAL *v, ICL_REAL *w);

    /* ---- what activations look like ---- */

    /* Over `count` values z = act(x) (act.on false: x itself): *sum += z, *square += z^2 in double, in order;
     * histogram[b] += 1 for b = floor((z - low) / (high - low) * bins), values outside [low, high] and NaN left out,
     * z = high in the last bin (as torch.histc); *near += values in [near_low, near_high). */
    void (*summarise)(const struct icl_nonlinearity *act, const ICL_REAL *x, size_t count, double low, double high,
                      size_t bins, double near_low, double near_high, double *sum, double *square, uint64_t *histogram,
                      uint64_t *near);
};

#endif
