#include "proofs/interval/random.h"

uint64_t random_bits(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

struct random random_start(uint64_t seed, const char *name)
{
    struct random random = {seed};
    for (; *name != '\0'; name++)
        random.state = random_bits(&random) ^ (unsigned char)*name;
    return random;
}

long random_between(struct random *random, long least, long most)
{
    return least + (long)(random_bits(random) % (uint64_t)(most - least + 1));
}
