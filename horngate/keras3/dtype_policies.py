"""`dtype_policies` of Keras 3, which `horngate.dialects.namespaces` makes: see the stub."""
