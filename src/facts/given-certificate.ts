import type { LocalFact } from '../core/fact.js'
import { Secret, type Text } from '../core/secret.js'

/** A certificate and key that somebody else issued: PEM text. */
export interface GivenCertificate { readonly certificate: string; readonly key: Secret }

/** Reads both from this machine; a key among the arguments is already there. */
export const givenCertificate = ({ certificate, key }: { readonly certificate: string; readonly key: Text }): LocalFact<GivenCertificate> => ({
  key: `given-certificate:${certificate}`,
  read: async (controller) => ({
    certificate: await controller.text(certificate),
    key: key instanceof Secret ? key : new Secret(await controller.text(key)),
  }),
})
