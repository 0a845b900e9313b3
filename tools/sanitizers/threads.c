/* What gcc calls for `#pragma omp parallel for`, with threads that the thread sanitizer follows: those of gcc's own
   library wait for each other in ways that it does not know, and everything would look like a race. */
#include <pthread.h>

enum { THREADS = 4 };

static __thread int number;

typedef struct {
    void (*run)(void *);
    void *data;
    int number;
} Share;

static void *work(void *given)
{
    const Share *share = given;
    number = share->number;
    share->run(share->data);
    return NULL;
}

int omp_get_num_threads(void) { return THREADS; }
int omp_get_thread_num(void) { return number; }

void GOMP_parallel(void (*run)(void *), void *data, unsigned threads, unsigned flags)
{
    pthread_t others[THREADS];
    Share shares[THREADS];
    int started[THREADS];
    (void)threads, (void)flags;
    for (int k = 1; k < THREADS; k++) {
        shares[k] = (Share){run, data, k};
        started[k] = pthread_create(&others[k], NULL, work, &shares[k]) == 0;
        if (!started[k]) { /* its share is done here */
            work(&shares[k]);
            number = 0;
        }
    }
    run(data);
    for (int k = 1; k < THREADS; k++)
        if (started[k])
            pthread_join(others[k], NULL);
}
