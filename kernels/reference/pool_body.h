/* Pooling and addition, once for each ICL_REAL; no include guard on purpose. The loops go over channels innermost and
 * choose instead of branching, so that a compiler makes vectors of them: the fast variants are this source again. */
#include "kernels/shared/pool.h"

static inline void ICL_TYPED(pool_span)(size_t place, const struct icl_pool_shape *shape, size_t size, size_t *first,
                                        size_t *end)
{
    const struct icl_pool_places inside = icl_pool_span(
        (uint32_t)place, (uint32_t)shape->window, (uint32_t)shape->stride, (uint32_t)shape->padding, (uint32_t)size);
    *first = inside.first;
    *end = inside.end;
}

ICL_BODY(max_pool_forward)
(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *x, ICL_REAL *y, uint8_t *where)
{
    const size_t channels = shape->channels;
    for (size_t n = 0; n < images; n++, x += shape->height * shape->width * channels)
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, y += channels) {
                size_t top, bottom, left, right;
                ICL_TYPED(pool_span)(oy, shape, shape->height, &top, &bottom);
                ICL_TYPED(pool_span)(ox, shape, shape->width, &left, &right);
                const ICL_REAL *corner = x + ((oy * shape->stride + top - shape->padding) * shape->width +
                                              ox * shape->stride + left - shape->padding) *
                                                 channels;
                for (size_t c = 0; c < channels; c++)
                    y[c] = corner[c];
                if (where != NULL) memset(where, (int)(top * shape->window + left), channels);
                for (size_t ky = top; ky < bottom; ky++)
                    for (size_t kx = left; kx < right; kx++) {
                        const ICL_REAL *restrict pixel = corner + ((ky - top) * shape->width + (kx - left)) * channels;
                        ICL_REAL *restrict best = y;
                        const uint8_t place = (uint8_t)(ky * shape->window + kx);
                        if (where != NULL) {
                            uint8_t *restrict at = where;
                            for (size_t c = 0; c < channels; c++) {
                                const bool more = ICL_POOL_IS_MORE(pixel[c], best[c]);
                                at[c] = more ? place : at[c];
                            }
                        }
                        for (size_t c = 0; c < channels; c++) {
                            const bool more = ICL_POOL_IS_MORE(pixel[c], best[c]);
                            best[c] = more ? pixel[c] : best[c];
                        }
                    }
                if (where != NULL) where += channels;
            }
}

ICL_BODY(max_pool_backward)
(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *dy, const uint8_t *where, ICL_REAL *dx)
{
    const size_t channels = shape->channels, plane = shape->height * shape->width * channels;
    for (size_t n = 0; n < images; n++, dx += plane) {
        for (size_t e = 0; e < plane; e++)
            dx[e] = 0;
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, dy += channels, where += channels) {
                size_t top, bottom, left, right;
                ICL_TYPED(pool_span)(oy, shape, shape->height, &top, &bottom);
                ICL_TYPED(pool_span)(ox, shape, shape->width, &left, &right);
                for (size_t ky = top; ky < bottom; ky++)
                    for (size_t kx = left; kx < right; kx++) {
                        ICL_REAL *restrict pixel = dx + ((oy * shape->stride + ky - shape->padding) * shape->width +
                                                         ox * shape->stride + kx - shape->padding) *
                                                            channels;
                        const ICL_REAL *restrict from = dy;
                        const uint8_t *restrict at = where;
                        const uint8_t place = (uint8_t)(ky * shape->window + kx);
                        /* A sum that began as +0 is never -0, so adding 0 changes no bit. */
                        for (size_t c = 0; c < channels; c++)
                            pixel[c] += at[c] == place ? from[c] : 0;
                    }
            }
    }
}

ICL_BODY(average_pool_forward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *x, ICL_REAL *y)
{
    const size_t channels = shape->channels;
    for (size_t n = 0; n < images; n++, x += shape->height * shape->width * channels)
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, y += channels) {
                size_t top, bottom, left, right;
                ICL_TYPED(pool_span)(oy, shape, shape->height, &top, &bottom);
                ICL_TYPED(pool_span)(ox, shape, shape->width, &left, &right);
                ICL_REAL *restrict sum = y;
                for (size_t c = 0; c < channels; c++)
                    sum[c] = 0;
                for (size_t ky = top; ky < bottom; ky++)
                    for (size_t kx = left; kx < right; kx++) {
                        const ICL_REAL *restrict pixel =
                            x + ((oy * shape->stride + ky - shape->padding) * shape->width + ox * shape->stride + kx -
                                 shape->padding) *
                                    channels;
                        for (size_t c = 0; c < channels; c++)
                            sum[c] += pixel[c];
                    }
                const ICL_REAL count = (ICL_REAL)((bottom - top) * (right - left));
                for (size_t c = 0; c < channels; c++)
                    sum[c] /= count;
            }
}

ICL_BODY(average_pool_backward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *dy, ICL_REAL *dx)
{
    const size_t channels = shape->channels, plane = shape->height * shape->width * channels;
    for (size_t n = 0; n < images; n++, dx += plane) {
        for (size_t e = 0; e < plane; e++)
            dx[e] = 0;
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, dy += channels) {
                size_t top, bottom, left, right;
                ICL_TYPED(pool_span)(oy, shape, shape->height, &top, &bottom);
                ICL_TYPED(pool_span)(ox, shape, shape->width, &left, &right);
                const ICL_REAL count = (ICL_REAL)((bottom - top) * (right - left));
                for (size_t ky = top; ky < bottom; ky++)
                    for (size_t kx = left; kx < right; kx++) {
                        ICL_REAL *restrict pixel = dx + ((oy * shape->stride + ky - shape->padding) * shape->width +
                                                         ox * shape->stride + kx - shape->padding) *
                                                            channels;
                        const ICL_REAL *restrict from = dy;
                        for (size_t c = 0; c < channels; c++)
                            pixel[c] += from[c] / count;
                    }
            }
    }
}

ICL_BODY(add)(const ICL_REAL *a, const ICL_REAL *b, size_t count, ICL_REAL *y)
{
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}
