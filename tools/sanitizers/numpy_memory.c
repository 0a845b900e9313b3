/* Has NumPy take the memory of every array from the heap and give it back at once. By default it keeps small
   pieces for the next array, where the address sanitizer cannot see that they are used after their end. */
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#define NPY_TARGET_VERSION NPY_1_22_API_VERSION
#include <numpy/arrayobject.h>
#include <stdlib.h>

static void *take(void *context, size_t size) { return (void)context, malloc(size); }
static void *take_zeros(void *context, size_t count, size_t size) { return (void)context, calloc(count, size); }
static void *change(void *context, void *memory, size_t size) { return (void)context, realloc(memory, size); }
static void give_back(void *context, void *memory, size_t size) { (void)context, (void)size, free(memory); }

static PyDataMem_Handler handler = {"kernelgraph_sanitizers", 1, {NULL, take, take_zeros, change, give_back}};

/* Called from Python; NULL with an exception where it fails. */
PyObject *use_the_heap(void)
{
    if (PyArray_ImportNumPyAPI() < 0)
        return NULL;
    PyObject *capsule = PyCapsule_New(&handler, "mem_handler", NULL);
    PyObject *before = capsule == NULL ? NULL : PyDataMem_SetHandler(capsule);
    Py_XDECREF(capsule);
    return before;
}
