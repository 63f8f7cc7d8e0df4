#!/usr/bin/env bash
# Makes vectors.bin again, beside this file: what Go writes of some kinds of the newest minor. It needs Go.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../../testbed/go"
kinds=(
    /v1/ConfigMap /v1/PersistentVolume /v1/Pod /v1/Secret /v1/ServiceList
    admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy
    admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration
    apiextensions.k8s.io/v1/CustomResourceDefinition
    apiregistration.k8s.io/v1/APIService
    apps/v1/ControllerRevision
    authorization.k8s.io/v1/SubjectAccessReview
    certificates.k8s.io/v1/CertificateSigningRequest
    coordination.k8s.io/v1/Lease
    networking.k8s.io/v1/NetworkPolicy
    resource.k8s.io/v1/ResourceSlice
)
go run ./cmd/protovectors -n 4 -limit 4000 -kinds "$(IFS=,; echo "${kinds[*]}")" -o "$here/vectors.bin"
