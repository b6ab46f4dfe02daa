"""`applications.resnet_v2` of Keras 2, which `horngate.dialects.namespaces` makes: see the stub."""
