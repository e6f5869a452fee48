/* Maximum pooling, a vector of channels at a time that stays in registers over the window: comparisons and choices as
 * in kernels/reference/pool_body.h. */

enum { POOL_LANES = 16 };
typedef float pool_values __attribute__((vector_size(POOL_LANES * 4)));
typedef int32_t pool_places __attribute__((vector_size(POOL_LANES * 4)));
typedef uint8_t pool_bytes __attribute__((vector_size(POOL_LANES)));

/* A window of one output: its rows top .. bottom-1 and columns left .. right-1 lie inside the image, and the element of
 * the image at which they begin. */
struct pool_window {
    size_t top, bottom, left, right, corner;
};

static inline struct pool_window pool_window(const struct icl_pool_shape *shape, size_t oy, size_t ox)
{
    struct pool_window w;
    pool_span_f32(oy, shape, shape->height, &w.top, &w.bottom);
    pool_span_f32(ox, shape, shape->width, &w.left, &w.right);
    const size_t row = oy * shape->stride + w.top - shape->padding;
    const size_t column = ox * shape->stride + w.left - shape->padding;
    w.corner = (row * shape->width + column) * shape->channels;
    return w;
}

/* One vector of channels of one window, `image` at the first of them. */
static ICL_TARGET void window_maximum(const struct icl_pool_shape *shape, const struct pool_window *window,
                                      const float *image, float *y, uint8_t *where)
{
    const float *row = image + window->corner;
    pool_values best;
    pool_places at = (pool_places){0} + (int32_t)(window->top * shape->window + window->left);
    memcpy(&best, row, sizeof best);
    for (size_t ky = window->top; ky < window->bottom; ky++, row += shape->width * shape->channels) {
        const float *pixel = row;
        for (size_t kx = window->left; kx < window->right; kx++, pixel += shape->channels) {
            pool_values value;
            memcpy(&value, pixel, sizeof value);
            const pool_places more = ~(value <= best) & (best == best);
            const pool_places place = (pool_places){0} + (int32_t)(ky * shape->window + kx);
            best = (pool_values)(((pool_places)value & more) | ((pool_places)best & ~more));
            at = (place & more) | (at & ~more);
        }
    }
    memcpy(y, &best, sizeof best);
    if (where == NULL) return;
    const pool_bytes bytes = __builtin_convertvector(at, pool_bytes);
    memcpy(where, &bytes, sizeof bytes);
}

static ICL_TARGET void max_pool_forward_fast(const struct icl_pool_shape *shape, size_t images, const float *x,
                                             float *y, uint8_t *where)
{
    const size_t channels = shape->channels;
    if (channels % POOL_LANES != 0) {
        max_pool_forward_loop(shape, images, x, y, where);
        return;
    }
    for (size_t n = 0; n < images; n++, x += shape->height * shape->width * channels)
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, y += channels) {
                const struct pool_window window = pool_window(shape, oy, ox);
                for (size_t c = 0; c < channels; c += POOL_LANES)
                    window_maximum(shape, &window, x + c, y + c, where == NULL ? NULL : where + c);
                if (where != NULL) where += channels;
            }
}

/* One vector of channels of one window gets its part of the gradient. */
static ICL_TARGET void window_scatter(const struct icl_pool_shape *shape, const struct pool_window *window,
                                      const float *dy, const uint8_t *where, float *image)
{
    float *row = image + window->corner;
    pool_values from;
    pool_bytes bytes;
    memcpy(&from, dy, sizeof from);
    memcpy(&bytes, where, sizeof bytes);
    const pool_places at = __builtin_convertvector(bytes, pool_places);
    for (size_t ky = window->top; ky < window->bottom; ky++, row += shape->width * shape->channels) {
        float *pixel = row;
        for (size_t kx = window->left; kx < window->right; kx++, pixel += shape->channels) {
            const pool_places here = at == (pool_places){0} + (int32_t)(ky * shape->window + kx);
            pool_values sum;
            memcpy(&sum, pixel, sizeof sum);
            sum += (pool_values)((pool_places)from & here);
            memcpy(pixel, &sum, sizeof sum);
        }
    }
}

static ICL_TARGET void max_pool_backward_fast(const struct icl_pool_shape *shape, size_t images, const float *dy,
                                              const uint8_t *where, float *dx)
{
    const size_t channels = shape->channels, plane = shape->height * shape->width * channels;
    if (channels % POOL_LANES != 0) {
        max_pool_backward_loop(shape, images, dy, where, dx);
        return;
    }
    for (size_t n = 0; n < images; n++, dx += plane) {
        memset(dx, 0, plane * sizeof *dx);
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, dy += channels, where += channels) {
                const struct pool_window window = pool_window(shape, oy, ox);
                for (size_t c = 0; c < channels; c += POOL_LANES)
                    window_scatter(shape, &window, dy + c, where + c, dx + c);
            }
    }
}
